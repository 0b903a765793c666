using System.Text.RegularExpressions;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools.Awk;

/// <summary>awk.</summary>
internal static class AwkTool
{
    public static readonly Tool Tool = new(
        "awk",
        "[OPTIONS] [AWK_PROGRAM] [FILE]...\n\n\t-v VAR=VAL\tSet variable\n\t-F SEP\t\tUse SEP as field separator\n\t-f FILE\t\tRead program from FILE\n\t-e AWK_PROGRAM",
        RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("+F:v:f:e:W:");
        var operands = options.Operands.ToList();
        var sources = new List<string>();
        foreach (var (letter, value) in options.Given)
        {
            if (letter == 'f') sources.Add(ByteText.FromBytes(await tool.ReadAllAsync(tool.Open(value!))));
            else if (letter == 'e') sources.Add(ByteText.FromText(value!));
        }
        if (sources.Count == 0)
        {
            if (operands.Count == 0) throw new UsageException();
            sources.Add(ByteText.FromText(operands[0]));
            operands.RemoveAt(0);
        }
        var awk = new AwkInterpreter(tool, AwkParser.Parse(string.Join('\n', sources)));
        if (options.Value('F') is { } separator) awk.Assign("FS", separator == "t" ? "\t" : separator);
        foreach (var assignment in options.Values('v'))
        {
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !Shell.Syntax.Parser.IsName(assignment[..equals])) throw new UsageException();
            awk.Assign(assignment[..equals], assignment[(equals + 1)..]);
        }
        try
        {
            return await awk.RunAsync(operands);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ToolException("exceeded the limit of backtracking", 2);
        }
    }
}
