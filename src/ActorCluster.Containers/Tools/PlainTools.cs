using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools;

/// <summary>expand, unexpand, shuf, factor, dos2unix, unix2dos, more, less, crc32, link, logger.</summary>
internal static class PlainTools
{
    public static IEnumerable<Tool> All =>
    [
        new("expand", "[-i] [-t N] [FILE]...\n\nConvert tabs to spaces\n\n\t-t\tTabstops every N chars", ExpandAsync) { TerseErrors = true },
        new("unexpand", "[-a][-f] [-t N] [FILE]...\n\nConvert spaces to tabs\n\n\t-a\tConvert all blanks\n\t-t N\tTabstops every N chars", UnexpandAsync) { TerseErrors = true },
        new("shuf", "[-n NUM] [-o FILE] [-z] [FILE | -e [ARG...] | -i L-H]\n\nRandomly permute lines\n\n\t-n NUM\tOutput at most NUM lines\n\t-e\tTreat ARGs as lines\n\t-i L-H\tTreat numbers L-H as lines", ShuffleAsync) { TerseErrors = true },
        new("factor", "[NUMBER]...\n\nPrint prime factors", FactorAsync),
        new("dos2unix", "[-ud] [FILE]\n\nConvert FILE in-place from DOS to Unix format", tool => LineEndsAsync(tool, carriageReturns: tool.Parse("ud").Has('d'))),
        new("unix2dos", "[-ud] [FILE]\n\nConvert FILE in-place from Unix to DOS format", tool => LineEndsAsync(tool, carriageReturns: !tool.Parse("ud").Has('u'))),
        new("more", "[FILE]...\n\nView FILE (or stdin)", PageAsync) { TerseErrors = true },
        new("less", "[FILE]...\n\nView FILE (or stdin)", PageAsync),
        new("crc32", "FILE...\n\nCalculate CRC32 checksum of FILEs", CheckSumAsync),
        new("link", "FILE LINK\n\nCreate hard LINK to FILE", LinkAsync),
        new("logger", "[-s] [-t TAG] [-p PRIO] [MESSAGE]\n\nWrite MESSAGE (or stdin) to syslog", LogAsync),
    ];

    private static int TabWidth(Options options) => options.Value('t') is { } text ? (int)Math.Clamp(ToolContext.Number(text), 1, 1000) : 8;

    private static async Task<int> ExpandAsync(ToolContext tool)
    {
        var options = tool.Parse("it:", ("initial", 'i'), ("tabs", 't'));
        var width = TabWidth(options);
        var status = 0;
        await foreach (var line in TextTools.LinesAsync(tool, options.Operands, () => status = 1))
        {
            var text = new StringBuilder();
            var leading = true;
            foreach (var c in line)
            {
                if (c == '\t' && (leading || !options.Has('i'))) text.Append(' ', width - text.Length % width);
                else text.Append(c);
                leading &= c is ' ' or '\t';
            }
            await tool.Out.WriteLineAsync(text.ToString());
        }
        return status;
    }

    private static async Task<int> UnexpandAsync(ToolContext tool)
    {
        var options = tool.Parse("aft:", ("all", 'a'), ("first-only", 'f'), ("tabs", 't'));
        var (width, all) = (TabWidth(options), (options.Has('a') || options.Has('t')) && !options.Has('f'));
        var status = 0;
        await foreach (var line in TextTools.LinesAsync(tool, options.Operands, () => status = 1))
        {
            var text = new StringBuilder();
            var (column, blanks, leading) = (0, 0, true);
            foreach (var c in line)
            {
                if (c is ' ' or '\t' && (leading || all))
                {
                    var to = c == '\t' ? (column / width + 1) * width : column + 1;
                    blanks += to - column;
                    column = to;
                    if (column % width != 0 || (blanks < 2 && c == ' ')) continue;
                    text.Append('\t', (blanks + width - 1) / width);
                    blanks = 0;
                    continue;
                }
                text.Append(' ', blanks).Append(c);
                (blanks, leading, column) = (0, false, column + 1);
            }
            await tool.Out.WriteLineAsync(text.Append(' ', blanks).ToString());
        }
        return status;
    }

    private static async Task<int> ShuffleAsync(ToolContext tool)
    {
        var options = tool.Parse("n:o:zei:", ("head-count", 'n'), ("echo", 'e'), ("input-range", 'i'));
        var lines = new List<string>();
        var status = 0;
        if (options.Value('i') is { } range)
        {
            var bounds = range.Split('-');
            if (bounds.Length != 2) throw new ToolException($"bad range '{range}'");
            var (low, high) = (ToolContext.Number(bounds[0]), ToolContext.Number(bounds[1]));
            if (high < low || high - low > 1_000_000) throw new ToolException($"bad range '{range}'");
            for (var n = low; n <= high; n++) lines.Add(n.ToString(CultureInfo.InvariantCulture));
        }
        else if (options.Has('e'))
        {
            lines.AddRange(options.Operands.Select(ToolContext.Bytes));
        }
        else
        {
            await foreach (var line in TextTools.LinesAsync(tool, options.Operands, () => status = 1))
            {
                tool.Keep(line);
                lines.Add(line);
            }
        }
        var random = tool.Process.Simulation.Random.Child($"shuf-{tool.Process.ProcessId}-{tool.Clock.GetTimestamp()}");
        for (var i = lines.Count - 1; i > 0; i--)
        {
            var other = random.Next(i + 1);
            (lines[i], lines[other]) = (lines[other], lines[i]);
        }
        var count = options.Value('n') is { } limit ? ToolContext.Number(limit) : lines.Count;
        foreach (var line in lines.Take((int)Math.Clamp(count, 0, int.MaxValue))) await tool.Out.WriteAsync(line + (options.Has('z') ? "\0" : "\n"));
        return status;
    }

    private static async Task<int> FactorAsync(ToolContext tool)
    {
        foreach (var word in tool.Arguments)
        {
            if (!ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw new ToolException($"invalid number '{word}'");
            var text = new StringBuilder(word).Append(':');
            for (var divisor = 2UL; divisor <= number / divisor; divisor++)
            {
                if ((divisor & 0xfffff) == 0) tool.Killed.ThrowIfCancellationRequested();
                for (; number % divisor == 0; number /= divisor) text.Append(' ').Append(divisor);
            }
            if (number > 1) text.Append(' ').Append(number);
            await tool.Out.WriteLineAsync(text.ToString());
        }
        return 0;
    }

    private static async Task<int> LineEndsAsync(ToolContext tool, bool carriageReturns)
    {
        var operands = tool.Parse("ud").Operands;
        if (operands.Count == 0) operands.Add("-");
        foreach (var file in operands)
        {
            if (await tool.TryOpenAsync(file) is not { } input) return 1;
            var text = ByteText.FromBytes(await tool.ReadAllAsync(input)).Replace("\r\n", "\n", StringComparison.Ordinal);
            if (carriageReturns) text = text.Replace("\n", "\r\n", StringComparison.Ordinal);
            if (file == "-")
            {
                await tool.Out.WriteAsync(text);
                continue;
            }
            await using var output = tool.Files.Open(tool.Path(file), FileOpen.Write);
            await output.WriteAsync(ByteText.ToBytes(text), tool.Killed);
        }
        return 0;
    }

    /// <summary>Nobody can turn pages here: everything is shown at once, as it is when the output is no terminal.</summary>
    private static async Task<int> PageAsync(ToolContext tool)
    {
        var operands = tool.Parse("EFIMNmR~eSgicdn").Operands;
        foreach (var file in operands.Count > 0 ? operands : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input) return 1;
            var lines = tool.Lines(input);
            while (await lines.ReadAsync() is { } line) await tool.Out.WriteAsync(line + (lines.Ended ? "\n" : ""));
        }
        return 0;
    }

    private static async Task<int> CheckSumAsync(ToolContext tool)
    {
        if (tool.Arguments.Count == 0) throw new UsageException();
        foreach (var file in tool.Arguments)
        {
            if (await tool.TryOpenAsync(file) is not { } input) return 1;
            var crc = uint.MaxValue;
            foreach (var b in await tool.ReadAllAsync(input))
            {
                crc ^= b;
                for (var i = 0; i < 8; i++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
            }
            await tool.Out.WriteTextAsync(string.Create(CultureInfo.InvariantCulture, $"{~crc:x8} {file}\n"));
        }
        return 0;
    }

    private static async Task<int> LinkAsync(ToolContext tool)
    {
        if (tool.Arguments is not [var file, var link]) throw new UsageException();
        try
        {
            tool.Files.CreateLink(tool.Path(file), tool.Path(link));
            return 0;
        }
        catch (FileFaultException fault)
        {
            throw new ToolException($"can't create link '{link}' to '{file}': {fault.Message}");
        }
    }

    /// <summary>A container has no syslogd: as then, the message is lost, except for the copy that -s asks for.</summary>
    private static async Task<int> LogAsync(ToolContext tool)
    {
        var options = tool.Parse("st:p:");
        var tag = options.Value('t') ?? "root";
        if (options.Has('s') && options.Operands.Count > 0) await tool.WriteErrorAsync($"{tag}: {string.Join(' ', options.Operands)}\n");
        return 0;
    }
}
