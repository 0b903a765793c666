using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Shell.Execution;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>break, continue, return, exit, eval, exec and the dot command.</summary>
internal static class ControlBuiltins
{
    public static async ValueTask<int> BreakAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var depth = 1;
        if (words.Count > 1 && (!TryNumber(words[1], out depth) || depth < 1)) throw new ShellFaultException($"Illegal number: {words[1]}", 2);
        await ValueTask.CompletedTask;
        if (shell.LoopDepth == 0) return 0;
        shell.FlowDepth = Math.Min(depth, shell.LoopDepth);
        shell.Flow = words[0] == "break" ? Flow.Break : Flow.Continue;
        return 0;
    }

    public static ValueTask<int> ReturnAsync(Interpreter shell, IReadOnlyList<string> words) => new(Leave(shell, words, Flow.Return));

    public static ValueTask<int> ExitAsync(Interpreter shell, IReadOnlyList<string> words) => new(Leave(shell, words, Flow.Exit));

    public static ValueTask<int> EvalAsync(Interpreter shell, IReadOnlyList<string> words) => shell.RunTextAsync(string.Join(' ', words.Skip(1)));

    public static async ValueTask<int> ExecAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words.Count < 2) return 0;
        var command = words.Skip(1).ToArray();
        var spec = shell.Specify(command, shell.State.Environment());
        if (spec is null)
        {
            var status = await shell.ReportMissingAsync(command[0]);
            if (!shell.State.Options.Interactive) shell.Flow = Flow.Exit;
            return status;
        }
        // The process goes on as that program; the traps are gone with the shell.
        shell.State.Traps.Clear();
        shell.Flow = Flow.Exit;
        return await shell.Context.Self!.ExecuteAsync(spec.Program!, spec);
    }

    public static async ValueTask<int> DotAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words.Count < 2) throw new ShellFaultException("filename argument required", 2);
        string text;
        try
        {
            text = Read(shell, words[1]);
        }
        catch (FileFaultException fault)
        {
            throw new ShellFaultException($"can't open '{words[1]}': {fault.Message}", 2);
        }
        var positional = shell.State.Positional;
        if (words.Count > 2) shell.State.Positional = [.. words.Skip(2)];
        var status = await shell.RunFileAsync(words[1], text);
        if (words.Count > 2) shell.State.Positional = positional;
        if (shell.Flow == Flow.Return)
        {
            shell.Flow = Flow.None;
            return shell.State.Status;
        }
        return status;
    }

    private static string Read(Interpreter shell, string name)
    {
        var path = shell.Absolute(name);
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            foreach (var folder in (shell.State.Get("PATH") ?? "").Split(':'))
            {
                var candidate = shell.Absolute(folder.Length == 0 ? name : folder.TrimEnd('/') + "/" + name);
                if (!shell.Context.Files.Exists(candidate)) continue;
                path = candidate;
                break;
            }
        }
        using var reader = new StreamReader(shell.Context.Files.Open(path, FileOpen.Read), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static int Leave(Interpreter shell, IReadOnlyList<string> words, Flow flow)
    {
        var status = shell.State.Status;
        if (words.Count > 1 && (!TryNumber(words[1], out status) || status < 0)) throw new ShellFaultException($"Illegal number: {words[1]}", 2);
        shell.Flow = flow;
        return status & 0xff;
    }

    internal static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
