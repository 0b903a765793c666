using System.Globalization;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Tools;

/// <summary>diff: busybox's knows the unified format only.</summary>
internal sealed class DiffTool
{
    public static readonly Tool Tool = new(
        "diff",
        "[-abBdiNqrTstw] [-L LABEL] [-U LINES] FILE1 FILE2\n\nCompare files line by line and output the differences between them.\nThis implementation supports unified diffs only.\n\n\t-b\tIgnore changes in the amount of whitespace\n\t-i\tIgnore case differences\n\t-L\tUse LABEL instead of the filename in the unified header\n\t-N\tTreat absent files as empty\n\t-q\tOutput only whether files differ\n\t-r\tRecurse\n\t-s\tReport when two files are the same\n\t-U\tOutput LINES lines of context\n\t-w\tIgnore all whitespace",
        tool => new DiffTool(tool).RunAsync())
    {
        UsageStatus = 2,
    };

    /// <summary>More edits than that, and the files are shown as wholly different: bounded work for any input.</summary>
    private const int EditLimit = 4000;

    private readonly ToolContext _tool;
    private readonly Options _options;
    private int _status;

    private DiffTool(ToolContext tool)
    {
        _tool = tool;
        _options = tool.Parse("abBdiNqrTstuwL:U:", ("recursive", 'r'), ("brief", 'q'), ("unified", 'u'), ("ignore-case", 'i'), ("report-identical-files", 's'), ("new-file", 'N'), ("ignore-all-space", 'w'), ("ignore-space-change", 'b'), ("label", 'L'));
    }

    private int Context => _options.Value('U') is { } lines ? (int)Math.Clamp(ToolContext.Number(lines), 0, 100_000) : 3;

    private async Task<int> RunAsync()
    {
        if (_options.Operands is not [var left, var right]) throw new UsageException();
        foreach (var name in _options.Operands)
        {
            if (name != "-" && !_options.Has('N') && _tool.Find(name) is null) throw new ToolException($"can't stat '{name}': No such file or directory", 2);
        }
        var (leftFolder, rightFolder) = (_tool.IsDirectory(left), _tool.IsDirectory(right));
        if (leftFolder && rightFolder) await CompareFoldersAsync(left, right);
        else if (leftFolder) await CompareAsync(left.TrimEnd('/') + "/" + ToolContext.LastName(right), right);
        else if (rightFolder) await CompareAsync(left, right.TrimEnd('/') + "/" + ToolContext.LastName(left));
        else await CompareAsync(left, right);
        return _status;
    }

    private async ValueTask CompareFoldersAsync(string left, string right)
    {
        var names = _tool.Files.List(_tool.Path(left)).Union(_tool.Files.List(_tool.Path(right))).Order(StringComparer.Ordinal);
        foreach (var name in names)
        {
            _tool.Killed.ThrowIfCancellationRequested();
            var (one, two) = (left.TrimEnd('/') + "/" + name, right.TrimEnd('/') + "/" + name);
            var (first, second) = (_tool.Find(one), _tool.Find(two));
            if ((first is null || second is null) && !_options.Has('N'))
            {
                await _tool.Out.WriteTextAsync($"Only in {(first is null ? right : left)}: {name}\n");
                _status = 1;
            }
            else if (first is { Kind: FileKind.Directory } && second is { Kind: FileKind.Directory })
            {
                if (_options.Has('r')) await CompareFoldersAsync(one, two);
                else await _tool.Out.WriteTextAsync($"Common subdirectories: {one} and {two}\n");
            }
            else if ((first ?? second)!.Value.Kind != (second ?? first)!.Value.Kind)
            {
                await _tool.Out.WriteTextAsync($"File {one} is a {Kind(first)} while file {two} is a {Kind(second)}\n");
                _status = 1;
            }
            else
            {
                await CompareAsync(one, two);
            }
        }
    }

    private static string Kind(FileStatus? file) => file is { Kind: FileKind.Directory } ? "directory" : "regular file";

    private async ValueTask<(List<string> Lines, bool Ended)> ReadAsync(string file)
    {
        var lines = new List<string>();
        if (file != "-" && !_tool.Exists(file)) return (lines, true);
        var reader = _tool.Lines(await _tool.TryOpenAsync(file) ?? throw new ToolException($"can't open '{file}'", 2));
        var ended = true;
        while (await reader.ReadAsync() is { } line)
        {
            _tool.Keep(line);
            lines.Add(line);
            ended = reader.Ended;
        }
        return (lines, ended);
    }

    /// <summary>What of a line counts.</summary>
    private string Key(string line)
    {
        if (_options.Has('w')) line = string.Concat(line.Where(c => !char.IsWhiteSpace(c)));
        else if (_options.Has('b')) line = string.Join(' ', line.TrimEnd().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return _options.Has('i') ? line.ToLowerInvariant() : line;
    }

    private async ValueTask CompareAsync(string left, string right)
    {
        var (one, two) = (await ReadAsync(left), await ReadAsync(right));
        // A last line without its newline differs from the same with one.
        List<string> Keys((List<string> Lines, bool Ended) file) => [.. file.Lines.Select((l, i) => Key(l) + (i == file.Lines.Count - 1 && !file.Ended ? "\0" : ""))];
        var (a, b) = (Keys(one), Keys(two));
        if (a.SequenceEqual(b))
        {
            if (_options.Has('s')) await _tool.Out.WriteTextAsync($"Files {left} and {right} are identical\n");
            return;
        }
        _status = 1;
        if (_options.Has('q'))
        {
            await _tool.Out.WriteTextAsync($"Files {left} and {right} differ\n");
            return;
        }
        if (_options.Has('r')) await _tool.Out.WriteTextAsync($"diff -r {left} {right}\n");
        var labels = _options.Values('L').ToList();
        await _tool.Out.WriteTextAsync($"--- {labels.ElementAtOrDefault(0) ?? left}\n+++ {labels.ElementAtOrDefault(1) ?? right}\n");
        await PrintAsync(Matches(a, b), one, two);
    }

    /// <summary>The lines that both have, in order, by Myers's algorithm on what is left without the common start and end.</summary>
    private List<(int Left, int Right)> Matches(List<string> a, List<string> b)
    {
        var start = 0;
        while (start < a.Count && start < b.Count && a[start] == b[start]) start++;
        var end = 0;
        while (end < a.Count - start && end < b.Count - start && a[^(end + 1)] == b[^(end + 1)]) end++;
        var matches = Enumerable.Range(0, start).Select(i => (i, i)).ToList();
        matches.AddRange(Middle(a.GetRange(start, a.Count - start - end), b.GetRange(start, b.Count - start - end)).Select(m => (m.Left + start, m.Right + start)));
        matches.AddRange(Enumerable.Range(0, end).Select(i => (a.Count - end + i, b.Count - end + i)));
        return matches;
    }

    private List<(int Left, int Right)> Middle(List<string> a, List<string> b)
    {
        var traces = new List<int[]>();
        var limit = Math.Min(a.Count + b.Count, EditLimit);
        var furthest = new int[2 * limit + 3];
        for (var edits = 0; edits <= limit; edits++)
        {
            _tool.Killed.ThrowIfCancellationRequested();
            traces.Add(furthest[(limit - edits)..(limit + edits + 3)]);
            for (var k = -edits; k <= edits; k += 2)
            {
                var down = k == -edits || (k != edits && furthest[limit + k] < furthest[limit + k + 2]);
                var x = down ? furthest[limit + k + 2] : furthest[limit + k] + 1;
                var y = x - k;
                while (x < a.Count && y < b.Count && a[x] == b[y]) (x, y) = (x + 1, y + 1);
                furthest[limit + k + 1] = x;
                if (x >= a.Count && y >= b.Count) return Backtrack(traces, a.Count, b.Count);
            }
        }
        return [];
    }

    private static List<(int Left, int Right)> Backtrack(List<int[]> traces, int x, int y)
    {
        var matches = new List<(int, int)>();
        for (var edits = traces.Count - 1; edits >= 0 && (x > 0 || y > 0); edits--)
        {
            // The snapshot covers the diagonals -edits-1 .. edits+1.
            var row = traces[edits];
            int At(int diagonal) => row[diagonal + edits + 1];
            var k = x - y;
            var down = k == -edits || (k != edits && At(k - 1) < At(k + 1));
            var before = edits == 0 ? 0 : down ? k + 1 : k - 1;
            var (fromX, fromY) = edits == 0 ? (0, 0) : (At(before), At(before) - before);
            while (x > fromX && y > fromY && (edits == 0 || x > (down ? fromX : fromX + 1) || y > (down ? fromY + 1 : fromY))) matches.Add((--x, --y));
            (x, y) = (fromX, fromY);
        }
        matches.Reverse();
        return matches;
    }

    private async ValueTask PrintAsync(List<(int Left, int Right)> matches, (List<string> Lines, bool Ended) one, (List<string> Lines, bool Ended) two)
    {
        // Changes: from .. to in both files; those closer than twice the context share a hunk.
        var changes = new List<(int A, int AEnd, int B, int BEnd)>();
        var (a, b) = (0, 0);
        foreach (var (left, right) in matches.Append((one.Lines.Count, two.Lines.Count)))
        {
            if (left > a || right > b) changes.Add((a, left, b, right));
            (a, b) = (left + 1, right + 1);
        }
        for (var i = 0; i < changes.Count;)
        {
            var last = i;
            while (last + 1 < changes.Count && changes[last + 1].A - changes[last].AEnd <= 2 * Context) last++;
            var (fromA, fromB) = (Math.Max(0, changes[i].A - Context), Math.Max(0, changes[i].B - Context));
            var (toA, toB) = (Math.Min(one.Lines.Count, changes[last].AEnd + Context), Math.Min(two.Lines.Count, changes[last].BEnd + Context));
            await _tool.Out.WriteTextAsync($"@@ -{Range(fromA, toA)} +{Range(fromB, toB)} @@\n");
            var at = fromA;
            for (; i <= last; i++)
            {
                for (; at < changes[i].A; at++) await LineAsync(' ', one, at);
                for (; at < changes[i].AEnd; at++) await LineAsync('-', one, at);
                for (var added = changes[i].B; added < changes[i].BEnd; added++) await LineAsync('+', two, added);
            }
            for (; at < toA; at++) await LineAsync(' ', one, at);
        }

        ValueTask LineAsync(char mark, (List<string> Lines, bool Ended) file, int index) =>
            _tool.Out.WriteAsync(mark + file.Lines[index] + (index == file.Lines.Count - 1 && !file.Ended ? "\n\\ No newline at end of file\n" : "\n"));
    }

    private static string Range(int from, int to) => (to - from) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{from},0"),
        1 => (from + 1).ToString(CultureInfo.InvariantCulture),
        var count => string.Create(CultureInfo.InvariantCulture, $"{from + 1},{count}"),
    };
}
