using System.Globalization;
using ActorCluster.Containers.Shell;
using ActorCluster.Containers.Shell.Builtins;

namespace ActorCluster.Containers.Tools;

/// <summary>Tools that do next to nothing: echo, printf, true, yes, seq, sleep, basename, dirname, ...</summary>
internal static class SimpleTools
{
    public static IEnumerable<Tool> All =>
    [
        new("echo", "[-neE] [ARG]...\n\nPrint ARGs to stdout", async tool =>
        {
            await tool.Out.WriteAsync(Echo.Format(tool.Words));
            return 0;
        }) { TakesHelp = true },
        new("printf", "FORMAT [ARG]...\n\nFormat and print ARG(s) according to FORMAT (a-la C printf)", PrintfAsync),
        new("true", "\n\nReturn an exit code of TRUE (0)", _ => Task.FromResult(0)) { TakesHelp = true },
        new("false", "\n\nReturn an exit code of FALSE (1)", _ => Task.FromResult(1)) { TakesHelp = true },
        new("test", "EXPRESSION ]\n\nCheck file types, compare values etc. Return a 0/1 exit code", TestAsync) { TakesHelp = true },
        new("[", "EXPRESSION ]\n\nCheck file types, compare values etc. Return a 0/1 exit code", TestAsync) { TakesHelp = true },
        new("yes", "[STRING]\n\nRepeatedly print a line with STRING, or 'y'", YesAsync),
        new("seq", "[-w] [-s SEP] [FIRST [INC]] LAST\n\nPrint numbers from FIRST to LAST, in steps of INC.", SeqAsync),
        new("sleep", "[N]...\n\nPause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays", SleepAsync),
        new("usleep", "N\n\nPause for N microseconds", async tool =>
        {
            if (tool.Arguments.Count != 1) throw new UsageException();
            await Task.Delay(TimeSpan.FromMicroseconds(ToolContext.Number(tool.Arguments[0])), tool.Clock, tool.Killed);
            return 0;
        }),
        new("basename", "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...\n\nStrip directory path and SUFFIX from FILE", BaseNameAsync),
        new("dirname", "FILENAME\n\nStrip non-directory suffix from FILENAME", DirNameAsync),
        new("pwd", "\n\nPrint the full filename of the current working directory", async tool =>
        {
            await tool.Out.WriteTextAsync(tool.Process.WorkingDirectory + "\n");
            return 0;
        }),
        new("clear", "\n\nClear screen", async tool =>
        {
            await tool.Out.WriteAsync("\u001b[H\u001b[J");
            return 0;
        }),
        new("sync", "[-df] [FILE]...\n\nWrite all buffered blocks (in FILEs) to disk", _ => Task.FromResult(0)),
        new("tty", "\n\nPrint file name of stdin's terminal", async tool =>
        {
            var terminal = Runtime.ProcessContext.IsTerminal(tool.Process.Stdin);
            await tool.Out.WriteAsync(terminal ? "/dev/pts/0\n" : "not a tty\n");
            return terminal ? 0 : 1;
        }),
    ];

    private static async Task<int> PrintfAsync(ToolContext tool)
    {
        if (tool.Arguments.Count == 0) throw new UsageException();
        var (output, errors, status) = Printf.Format(tool.Words);
        await tool.Out.WriteAsync(output);
        foreach (var error in errors) await tool.WarnAsync(error);
        return status;
    }

    private static async Task<int> TestAsync(ToolContext tool)
    {
        try
        {
            return Test.Evaluate(tool.Words, tool.Files, tool.Process.WorkingDirectory, IsTerminal) ? 0 : 1;
        }
        catch (TestSyntaxException fault)
        {
            await tool.WarnAsync(fault.Message);
            return 2;
        }

        bool IsTerminal(int descriptor) => descriptor is >= 0 and <= 2
            && Runtime.ProcessContext.IsTerminal(descriptor switch { 0 => tool.Process.Stdin, 1 => tool.Process.Stdout, _ => tool.Process.Stderr });
    }

    private static async Task<int> YesAsync(ToolContext tool)
    {
        var line = tool.Arguments.Count == 0 ? "y\n" : ToolContext.Bytes(string.Join(' ', tool.Arguments)) + "\n";
        while (true) await tool.Out.WriteAsync(line);
    }

    private static async Task<int> SeqAsync(ToolContext tool)
    {
        // A negative number is no option.
        var words = tool.Arguments.ToList();
        var separator = "\n";
        var wide = false;
        while (words.Count > 0 && words[0] is "-w" or ['-', 's', ..])
        {
            var word = words[0];
            words.RemoveAt(0);
            if (word == "-w") wide = true;
            else if (word.Length > 2) separator = ToolContext.Bytes(word[2..]);
            else if (words.Count > 0)
            {
                separator = ToolContext.Bytes(words[0]);
                words.RemoveAt(0);
            }
        }
        if (words.Count is 0 or > 3) throw new UsageException();
        var numbers = words.ConvertAll(w => decimal.TryParse(w, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : throw new ToolException($"invalid number '{w}'"));
        var (first, step, last) = numbers.Count switch { 1 => (1m, 1m, numbers[0]), 2 => (numbers[0], 1m, numbers[1]), _ => (numbers[0], numbers[1], numbers[2]) };
        if (step == 0 && numbers.Count == 3) throw new ToolException("invalid increment '0'");
        var decimals = words.Take(Math.Max(1, words.Count - 1)).Max(w => w.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? w.Length - dot - 1 : 0);
        string Text(decimal n) => n.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var width = wide ? Math.Max(Text(first).Length, Text(last).Length) : 0;
        var any = false;
        for (var n = first; step > 0 ? n <= last : n >= last; n += step)
        {
            var text = Text(n);
            if (text.Length < width) text = n < 0 ? "-" + text[1..].PadLeft(width - 1, '0') : text.PadLeft(width, '0');
            await tool.Out.WriteAsync(any ? separator + text : text);
            any = true;
        }
        if (any) await tool.Out.WriteAsync("\n");
        return 0;
    }

    private static async Task<int> SleepAsync(ToolContext tool)
    {
        if (tool.Arguments.Count == 0) throw new UsageException();
        var durations = tool.Arguments.Select(ToolContext.Duration).ToList();
        var forever = durations.Contains(Timeout.InfiniteTimeSpan);
        await Task.Delay(forever ? Timeout.InfiniteTimeSpan : durations.Aggregate(TimeSpan.Zero, (a, b) => a + b), tool.Clock, tool.Killed);
        return 0;
    }

    private static async Task<int> BaseNameAsync(ToolContext tool)
    {
        var options = tool.Parse("+as:z");
        if (options.Operands.Count == 0) throw new UsageException();
        var suffix = options.Value('s');
        IEnumerable<string> names = options.Operands;
        if (suffix is null && !options.Has('a'))
        {
            if (options.Operands.Count > 2) throw new UsageException();
            suffix = options.Operands.ElementAtOrDefault(1);
            names = options.Operands.Take(1);
        }
        foreach (var operand in names)
        {
            var name = ToolContext.LastName(operand);
            if (operand.Length == 0) name = "";
            if (!string.IsNullOrEmpty(suffix) && name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal)) name = name[..^suffix.Length];
            await tool.Out.WriteTextAsync(name + "\n");
        }
        return 0;
    }

    private static async Task<int> DirNameAsync(ToolContext tool)
    {
        if (tool.Arguments.Count != 1) throw new UsageException();
        var path = tool.Arguments[0].TrimEnd('/');
        var slash = path.LastIndexOf('/');
        var folder = path.Length == 0 && tool.Arguments[0].Length > 0 ? "/" : slash < 0 ? "." : path[..slash].TrimEnd('/') is { Length: > 0 } parent ? parent : "/";
        await tool.Out.WriteAsync(ByteText.FromText(folder) + "\n");
        return 0;
    }
}
