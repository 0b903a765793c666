using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>Tools that pass text on, line by line: cat, head, wc, cut, uniq, tee, nl, rev, fold, paste, ...</summary>
internal static class TextTools
{
    public static IEnumerable<Tool> All =>
    [
        new("cat", "[-nbvteA] [FILE]...\n\nPrint FILEs to stdout\n\n\t-n\tNumber output lines\n\t-b\tNumber nonempty lines\n\t-v\tShow nonprinting characters as ^x or M-x\n\t-t\t...and tabs as ^I\n\t-e\t...and end lines with $\n\t-A\tSame as -vte", CatAsync),
        new("tac", "[FILE]...\n\nConcatenate FILEs and print them in reverse", TacAsync) { TerseErrors = true },
        new("head", "[OPTIONS] [FILE]...\n\nPrint first 10 lines of FILEs (or stdin).\nWith more than one FILE, precede each with a filename header.\n\n\t-n N[bkm]\tPrint first N lines\n\t-n -N[bkm]\tPrint all except N last lines\n\t-c [-]N[bkm]\tPrint first N bytes\n\t-q\t\tNever print headers\n\t-v\t\tAlways print headers", HeadAsync) { TerseErrors = true },
        new("wc", "[-cmlwL] [FILE]...\n\nCount lines, words, and bytes for FILEs (or stdin)\n\n\t-c\tCount bytes\n\t-m\tCount characters\n\t-l\tCount newlines\n\t-w\tCount words\n\t-L\tPrint longest line length", CountAsync) { TerseErrors = true },
        new("cut", "[OPTIONS] [FILE]...\n\nPrint selected fields from FILEs to stdout\n\n\t-b LIST\tOutput only bytes from LIST\n\t-c LIST\tOutput only characters from LIST\n\t-d SEP\tInput field delimiter (default -f TAB)\n\t-f LIST\tPrint only these fields\n\t-s\tDrop lines with no delimiter\n\t-O SEP\tOutput field delimeter", CutAsync) { TerseErrors = true },
        new("uniq", "[-cduiz] [-f,s,w N] [FILE [OUTFILE]]\n\nDiscard duplicate lines\n\n\t-c\tPrefix lines by the number of occurrences\n\t-d\tOnly print duplicate lines\n\t-u\tOnly print unique lines\n\t-i\tIgnore case\n\t-f N\tSkip first N fields\n\t-s N\tSkip first N chars (after any skipped fields)\n\t-w N\tCompare N characters in line", UniqueAsync),
        new("tee", "[-ai] [FILE]...\n\nCopy stdin to each FILE, and also to stdout\n\n\t-a\tAppend to the given FILEs, don't overwrite\n\t-i\tIgnore interrupt signals (SIGINT)", TeeAsync),
        new("nl", "[OPTIONS] [FILE]...\n\nWrite FILEs to standard output with line numbers added", NumberAsync) { TerseErrors = true },
        new("rev", "[FILE]...\n\nReverse lines of FILE", RevAsync) { TerseErrors = true },
        new("fold", "[-bs] [-w WIDTH] [FILE]...\n\nWrap input lines in FILEs (or stdin), writing to stdout", FoldAsync) { TerseErrors = true },
        new("paste", "[-d LIST] [-s] [FILE]...\n\nPaste lines from each input file, separated with tab", PasteAsync) { TerseErrors = true },
        new("strings", "[-fo] [-t o|d|x] [-n LEN] [FILE]...\n\nDisplay printable strings in a binary file", StringsAsync) { TerseErrors = true },
    ];

    /// <summary>All lines of the files named, or of standard input; a file that can't be opened is reported and skipped.</summary>
    public static async IAsyncEnumerable<string> LinesAsync(ToolContext tool, IReadOnlyList<string> files, Action failed)
    {
        foreach (var file in files.Count > 0 ? files : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input)
            {
                failed();
                continue;
            }
            await foreach (var line in tool.Lines(input).AllAsync()) yield return line;
        }
    }

    private static async Task<int> CatAsync(ToolContext tool)
    {
        var options = tool.Parse("nbvteAu", ("number", 'n'), ("show-all", 'A'));
        var status = 0;
        var number = 0;
        var edits = options.Given.Any(o => o.Letter != 'u');
        foreach (var file in options.Operands.Count > 0 ? options.Operands : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input)
            {
                status = 1;
                continue;
            }
            if (edits)
            {
                var lines = tool.Lines(input);
                while (await lines.ReadAsync() is { } line)
                {
                    var numbered = options.Has('n') || (options.Has('b') && line.Length > 0);
                    var text = numbered ? (++number).ToString(CultureInfo.InvariantCulture).PadLeft(6) + "\t" : "";
                    text += options.Has('v') || options.Has('t') || options.Has('e') || options.Has('A') ? Visible(line, options.Has('t') || options.Has('A')) : line;
                    await tool.Out.WriteAsync(text + (options.Has('e') || options.Has('A') ? "$" : "") + (lines.Ended ? "\n" : ""));
                }
                continue;
            }
            var buffer = new byte[16384];
            int count;
            while ((count = await input.ReadAsync(buffer, tool.Killed)) > 0)
            {
                await tool.Out.WriteAsync(buffer.AsMemory(0, count));
                await tool.Out.FlushAsync();
            }
        }
        return status;
    }

    private static string Visible(string line, bool tabs)
    {
        var text = new StringBuilder();
        foreach (var c in line)
        {
            var low = (char)(c & 0x7f);
            if (c >= 0x80) text.Append("M-");
            if (c == '\t' && !tabs) text.Append(c);
            else if (low < ' ') text.Append('^').Append((char)(low + 64));
            else if (low == 0x7f) text.Append("^?");
            else text.Append(low);
        }
        return text.ToString();
    }

    private static async Task<int> TacAsync(ToolContext tool)
    {
        var status = 0;
        var all = new List<string>();
        await foreach (var line in LinesAsync(tool, tool.Arguments, () => status = 1))
        {
            tool.Keep(line);
            all.Add(line);
        }
        for (var i = all.Count - 1; i >= 0; i--) await tool.Out.WriteLineAsync(all[i]);
        return status;
    }

    /// <summary>-5 as head and tail still take it.</summary>
    public static IReadOnlyList<string> OldStyle(IReadOnlyList<string> arguments) =>
        [.. arguments.SelectMany(a => a.Length > 1 && a[0] == '-' && a.Skip(1).All(char.IsAsciiDigit) ? new[] { "-n", a[1..] } : [a])];

    private static async Task<int> HeadAsync(ToolContext tool)
    {
        var options = Options.Parse(OldStyle(tool.Arguments), "n:c:qv", ("lines", 'n'), ("bytes", 'c'), ("quiet", 'q'), ("verbose", 'v'));
        var bytes = options.Last("nc") == 'c';
        var count = ToolContext.Size((bytes ? options.Value('c') : options.Value('n')) ?? "10");
        var status = 0;
        var first = true;
        var files = options.Operands.Count > 0 ? options.Operands : ["-"];
        foreach (var file in files)
        {
            if (await tool.TryOpenAsync(file) is not { } input)
            {
                status = 1;
                continue;
            }
            if (options.Has('v') || (files.Count > 1 && !options.Has('q'))) await tool.Out.WriteTextAsync($"{(first ? "" : "\n")}==> {(file == "-" ? "standard input" : file)} <==\n");
            first = false;
            if (bytes) await HeadBytesAsync(tool, input, count);
            else await HeadLinesAsync(tool, input, count);
        }
        return status;
    }

    private static async ValueTask HeadBytesAsync(ToolContext tool, IInputStream input, long count)
    {
        if (count < 0)
        {
            var all = await tool.ReadAllAsync(input);
            await tool.Out.WriteAsync(all.AsMemory(0, (int)Math.Max(0, all.Length + count)));
            return;
        }
        var buffer = new byte[8192];
        while (count > 0 && await input.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), tool.Killed) is > 0 and var read)
        {
            await tool.Out.WriteAsync(buffer.AsMemory(0, read));
            count -= read;
        }
    }

    private static async ValueTask HeadLinesAsync(ToolContext tool, IInputStream input, long count)
    {
        var lines = tool.Lines(input);
        var held = new Queue<string>();
        for (var n = 0L; count < 0 || n < count; n++)
        {
            if (await lines.ReadAsync() is not { } line) return;
            held.Enqueue(line + (lines.Ended ? "\n" : ""));
            if (count >= 0 || held.Count > -count) await tool.Out.WriteAsync(held.Dequeue());
        }
    }

    private static async Task<int> CountAsync(ToolContext tool)
    {
        var options = tool.Parse("cmlwL", ("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'));
        var all = !options.Given.Any();
        var totals = new long[5];
        var status = 0;
        var columns = new[] { all || options.Has('l'), all || options.Has('w'), options.Has('m'), all || options.Has('c'), options.Has('L') };
        // One column alone isn't padded.
        var width = columns.Count(c => c) == 1 && options.Operands.Count < 2 ? 0 : 9;
        foreach (var file in options.Operands.Count > 0 ? options.Operands : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input)
            {
                status = 1;
                continue;
            }
            var counts = await CountAsync(tool, input);
            for (var i = 0; i < 4; i++) totals[i] += counts[i];
            totals[4] = Math.Max(totals[4], counts[4]);
            await PrintAsync(counts, options.Operands.Count == 0 ? "" : file);
        }
        if (options.Operands.Count > 1) await PrintAsync(totals, "total");
        return status;

        async ValueTask PrintAsync(long[] counts, string name)
        {
            var cells = counts.Where((_, i) => columns[i]).Select(c => c.ToString(CultureInfo.InvariantCulture).PadLeft(width));
            await tool.Out.WriteTextAsync(string.Join(' ', cells) + (name.Length > 0 ? " " + name : "") + "\n");
        }
    }

    /// <returns>Lines, words, characters, bytes, longest line.</returns>
    private static async ValueTask<long[]> CountAsync(ToolContext tool, IInputStream input)
    {
        var counts = new long[5];
        var inWord = false;
        var length = 0L;
        var buffer = new byte[16384];
        int read;
        while ((read = await input.ReadAsync(buffer, tool.Killed)) > 0)
        {
            counts[3] += read;
            foreach (var b in buffer.AsSpan(0, read))
            {
                if ((b & 0xc0) != 0x80) counts[2]++;
                var blank = b is (byte)' ' or >= 9 and <= 13;
                if (!blank && !inWord) counts[1]++;
                inWord = !blank;
                length = b == '\n' ? 0 : length + 1;
                if (b == '\n') counts[0]++;
                counts[4] = Math.Max(counts[4], length);
            }
        }
        return counts;
    }

    private static async Task<int> CutAsync(ToolContext tool)
    {
        var options = tool.Parse("b:c:d:f:sDnO:", ("delimiter", 'd'), ("fields", 'f'), ("output-delimiter", 'O'), ("only-delimited", 's'), ("characters", 'c'), ("bytes", 'b'));
        var kind = options.Last("bcf");
        if (kind == '\0') throw new UsageException("expected a list of bytes, characters, or fields");
        var delimiter = ToolContext.Bytes(options.Value('d') ?? "\t");
        if (delimiter.Length != 1) throw new ToolException("the delimiter must be a single character");
        var join = options.Value('O') is { } given ? ToolContext.Bytes(given) : kind == 'f' ? delimiter : "";
        var ranges = Ranges(options.Value(kind)!);
        var status = 0;
        await foreach (var line in LinesAsync(tool, options.Operands, () => status = 1))
        {
            if (kind != 'f')
            {
                await tool.Out.WriteLineAsync(string.Join(join, line.Where((_, i) => ranges.Exists(r => i >= r.From && i <= r.To)).Select(c => c.ToString())));
                continue;
            }
            if (!line.Contains(delimiter, StringComparison.Ordinal))
            {
                if (!options.Has('s')) await tool.Out.WriteLineAsync(line);
                continue;
            }
            await tool.Out.WriteLineAsync(string.Join(join, line.Split(delimiter[0]).Where((_, i) => ranges.Exists(r => i >= r.From && i <= r.To))));
        }
        return status;
    }

    private static List<(int From, int To)> Ranges(string list)
    {
        var ranges = new List<(int, int)>();
        foreach (var part in list.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || part is "" or "-") throw new ToolException($"invalid range {part}");
            var from = ends[0].Length == 0 ? 1 : ToolContext.Number(ends[0]);
            var to = ends.Length == 1 ? from : ends[1].Length == 0 ? int.MaxValue : ToolContext.Number(ends[1]);
            if (from < 1 || to < from) throw new ToolException($"invalid range {part}");
            ranges.Add(((int)Math.Min(from, int.MaxValue) - 1, (int)Math.Min(to, int.MaxValue) - 1));
        }
        return ranges;
    }

    private static async Task<int> UniqueAsync(ToolContext tool)
    {
        var options = tool.Parse("cduizf:s:w:", ("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i'));
        var status = 0;
        string? previous = null;
        var count = 0L;
        var output = tool.Out;
        if (options.Operands is [_, var target, ..] && target != "-") output = new ToolOutput(new FileOutput(tool.Files.Open(tool.Path(target), FileOpen.Write)), tool.Killed);
        await foreach (var line in LinesAsync(tool, [.. options.Operands.Take(1)], () => status = 1))
        {
            if (previous is not null && string.Equals(Key(previous), Key(line), options.Has('i') ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
            {
                count++;
                continue;
            }
            await PrintAsync();
            (previous, count) = (line, 1);
        }
        await PrintAsync();
        await output.FlushAsync();
        return status;

        string Key(string line)
        {
            var at = 0;
            for (var skip = options.Value('f') is { } f ? ToolContext.Number(f) : 0; skip > 0 && at < line.Length; skip--)
            {
                while (at < line.Length && line[at] is ' ' or '\t') at++;
                while (at < line.Length && line[at] is not (' ' or '\t')) at++;
            }
            at = (int)Math.Min(line.Length, at + (options.Value('s') is { } s ? ToolContext.Number(s) : 0));
            var key = line[at..];
            return options.Value('w') is { } w && ToolContext.Number(w) < key.Length ? key[..(int)ToolContext.Number(w)] : key;
        }

        async ValueTask PrintAsync()
        {
            if (previous is null || (options.Has('d') && count < 2) || (options.Has('u') && count > 1)) return;
            await output.WriteLineAsync(options.Has('c') ? $"{count.ToString(CultureInfo.InvariantCulture),7} {previous}" : previous);
        }
    }

    private static async Task<int> TeeAsync(ToolContext tool)
    {
        var options = tool.Parse("ai", ("append", 'a'));
        var targets = new List<Stream>();
        var status = 0;
        foreach (var file in options.Operands)
        {
            try
            {
                targets.Add(tool.Files.Open(tool.Path(file), options.Has('a') ? FileOpen.Append : FileOpen.Write));
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"{file}: {fault.Message}");
                status = 1;
            }
        }
        if (options.Has('i')) tool.Process.Signals.Handle(Signals.Interrupt, null);
        var buffer = new byte[8192];
        int count;
        while ((count = await tool.Process.Stdin.ReadAsync(buffer, tool.Killed)) > 0)
        {
            await tool.Out.WriteAsync(buffer.AsMemory(0, count));
            await tool.Out.FlushAsync();
            foreach (var target in targets) await target.WriteAsync(buffer.AsMemory(0, count), tool.Killed);
        }
        foreach (var target in targets) await target.DisposeAsync();
        return status;
    }

    private static async Task<int> NumberAsync(ToolContext tool)
    {
        var options = tool.Parse("b:i:l:n:ps:v:w:");
        var number = options.Value('v') is { } v ? ToolContext.Number(v) : 1;
        var step = options.Value('i') is { } i ? ToolContext.Number(i) : 1;
        var width = options.Value('w') is { } w ? (int)Math.Min(ToolContext.Number(w), 100) : 6;
        var separator = options.Value('s') is { } s ? ToolContext.Bytes(s) : "\t";
        var status = 0;
        await foreach (var line in LinesAsync(tool, options.Operands, () => status = 1))
        {
            var counts = line.Length > 0 || options.Value('b') == "a";
            await tool.Out.WriteLineAsync(counts ? number.ToString(CultureInfo.InvariantCulture).PadLeft(width) + separator + line : new string(' ', width + separator.Length) + line);
            if (counts) number += step;
        }
        return status;
    }

    private static async Task<int> RevAsync(ToolContext tool)
    {
        var status = 0;
        await foreach (var line in LinesAsync(tool, tool.Arguments, () => status = 1))
        {
            var characters = line.ToCharArray();
            Array.Reverse(characters);
            await tool.Out.WriteLineAsync(new string(characters));
        }
        return status;
    }

    private static async Task<int> FoldAsync(ToolContext tool)
    {
        var options = tool.Parse("bsw:");
        var width = options.Value('w') is { } w ? (int)Math.Clamp(ToolContext.Number(w), 1, 100_000) : 80;
        var status = 0;
        await foreach (var line in LinesAsync(tool, options.Operands, () => status = 1))
        {
            var rest = line;
            while (rest.Length > width)
            {
                var space = options.Has('s') ? rest.LastIndexOf(' ', width - 1) : -1;
                var cut = space > 0 ? space + 1 : width;
                await tool.Out.WriteLineAsync(rest[..cut]);
                rest = rest[cut..];
            }
            await tool.Out.WriteLineAsync(rest);
        }
        return status;
    }

    private static async Task<int> PasteAsync(ToolContext tool)
    {
        var options = tool.Parse("d:s", ("delimiters", 'd'), ("serial", 's'));
        var separators = Shell.Escapes.Decode(ToolContext.Bytes(options.Value('d') ?? "\t"), Shell.EscapeStyle.Format, out _);
        var inputs = new List<LineReader>();
        foreach (var file in options.Operands.Count > 0 ? options.Operands : ["-"])
        {
            // The same standard input may be named more than once: each name takes its turn.
            if (file == "-" && inputs.Count > 0 && options.Operands.All(o => o == "-")) inputs.Add(inputs[0]);
            else if (await tool.TryOpenAsync(file) is { } input) inputs.Add(tool.Lines(input));
            else return 1;
        }
        string Separator(int i) => separators.Length == 0 ? "" : separators[i % separators.Length].ToString();
        if (options.Has('s'))
        {
            foreach (var input in inputs)
            {
                var n = 0;
                await foreach (var line in input.AllAsync()) await tool.Out.WriteAsync((n++ > 0 ? Separator(n - 2) : "") + line);
                await tool.Out.WriteAsync("\n");
            }
            return 0;
        }
        while (true)
        {
            var row = new List<string?>();
            foreach (var input in inputs) row.Add(await input.ReadAsync());
            if (row.TrueForAll(c => c is null)) return 0;
            await tool.Out.WriteLineAsync(string.Concat(row.Select((c, i) => (i > 0 ? Separator(i - 1) : "") + c)));
        }
    }

    private static async Task<int> StringsAsync(ToolContext tool)
    {
        var options = tool.Parse("fon:t:a");
        var minimum = options.Value('n') is { } n ? ToolContext.Number(n) : 4;
        foreach (var file in options.Operands.Count > 0 ? options.Operands : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input) return 1;
            var run = new StringBuilder();
            foreach (var b in await tool.ReadAllAsync(input))
            {
                if (b is >= 0x20 and < 0x7f or (byte)'\t')
                {
                    run.Append((char)b);
                    continue;
                }
                if (run.Length >= minimum) await tool.Out.WriteLineAsync(run.ToString());
                run.Clear();
            }
            if (run.Length >= minimum) await tool.Out.WriteLineAsync(run.ToString());
        }
        return 0;
    }
}
