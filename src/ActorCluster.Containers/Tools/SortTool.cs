using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Tools;

/// <summary>sort.</summary>
internal static class SortTool
{
    public static readonly Tool Tool = new(
        "sort",
        "[-nrugMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...\n\nSort lines of text\n\n\t-o FILE\tOutput to FILE\n\t-c\tCheck whether input is sorted\n\t-b\tIgnore leading blanks\n\t-f\tIgnore case\n\t-n\tSort numbers\n\t-g\tGeneral numerical sort\n\t-h\tSort human readable numbers (2K 1G)\n\t-M\tSort month\n\t-V\tSort version\n\t-t CHAR\tField separator\n\t-k N[,M] Sort by Nth field\n\t-r\tReverse sort order\n\t-s\tStable (don't sort ties alphabetically)\n\t-u\tSuppress duplicate lines\n\t-z\tNUL terminated input and output",
        RunAsync) { UsageStatus = 2, TerseErrors = true };

    private const string KeyLetters = "bdfgiMnrhV";
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

    private sealed record Key(int StartField, int StartOffset, int EndField, int EndOffset, string Letters);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("nrugMcszbdfihVo:k:t:T:S:C", ("numeric-sort", 'n'), ("reverse", 'r'), ("unique", 'u'), ("key", 'k'), ("field-separator", 't'), ("output", 'o'), ("version-sort", 'V'), ("human-numeric-sort", 'h'), ("stable", 's'));
        var delimiter = options.Has('z') ? (byte)0 : (byte)'\n';
        var letters = string.Concat(KeyLetters.Where(options.Has));
        var separator = options.Value('t') is { } t ? t == "\\0" ? '\0' : t.Length == 1 ? t[0] : throw new ToolException("bad -t parameter") : (char?)null;
        var keys = options.Values('k').Select(k => ParseKey(k, letters)).ToList();
        if (keys.Count == 0) keys.Add(new(1, 0, 0, 0, letters));

        var all = new List<string>();
        foreach (var file in options.Operands.Count > 0 ? options.Operands : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input) return 2;
            await foreach (var line in new LineReader(input, tool.Out, tool.Killed) { Delimiter = delimiter }.AllAsync())
            {
                tool.Keep(line);
                all.Add(line);
            }
        }

        int Compare(string left, string right)
        {
            foreach (var key in keys)
            {
                var order = CompareBy(Extract(left, key, separator), Extract(right, key, separator), key.Letters);
                if (order != 0) return key.Letters.Contains('r', StringComparison.Ordinal) ? -order : order;
            }
            return 0;
        }

        if (options.Has('c') || options.Has('C'))
        {
            for (var i = 1; i < all.Count; i++)
            {
                var order = Compare(all[i - 1], all[i]);
                if (order < 0 || (order == 0 && !options.Has('u'))) continue;
                return 1;
            }
            return 0;
        }
        // Ties are settled by the whole line, unless -s or -u say otherwise.
        var lastResort = !options.Has('s') && !options.Has('u');
        var comparer = Comparer<string>.Create((a, b) =>
        {
            tool.Killed.ThrowIfCancellationRequested();
            var order = Compare(a, b);
            return order != 0 || !lastResort ? order : options.Has('r') ? string.CompareOrdinal(b, a) : string.CompareOrdinal(a, b);
        });
        IEnumerable<string> sorted = all.OrderBy(line => line, comparer);
        if (options.Has('u')) sorted = Distinct(sorted, Compare);
        var output = options.Value('o') is { } target ? new ToolOutput(new Runtime.FileOutput(tool.Files.Open(tool.Path(target), FileOpen.Write)), tool.Killed) : tool.Out;
        foreach (var line in sorted) await output.WriteAsync(line + (char)delimiter);
        await output.FlushAsync();
        return 0;
    }

    private static IEnumerable<string> Distinct(IEnumerable<string> sorted, Comparison<string> compare)
    {
        string? previous = null;
        foreach (var line in sorted)
        {
            if (previous is not null && compare(previous, line) == 0) continue;
            yield return previous = line;
        }
    }

    private static Key ParseKey(string text, string inherited)
    {
        var ends = text.Split(',', 2);
        var (startField, startOffset, startLetters) = ParsePosition(ends[0]);
        var (endField, endOffset, endLetters) = ends.Length > 1 ? ParsePosition(ends[1]) : (0, 0, "");
        if (startField < 1) throw new ToolException("bad sort key");
        var own = startLetters + endLetters;
        return new(startField, Math.Max(0, startOffset - 1), endField, endOffset, own.Length > 0 ? own : inherited);
    }

    private static (int Field, int Offset, string Letters) ParsePosition(string text)
    {
        var digits = new string(text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').ToArray());
        var parts = digits.Split('.');
        if (!int.TryParse(parts[0], CultureInfo.InvariantCulture, out var field)) throw new ToolException("bad sort key");
        var offset = parts.Length > 1 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var o) ? o : 0;
        var letters = text[digits.Length..];
        return letters.All(c => KeyLetters.Contains(c, StringComparison.Ordinal)) ? (field, offset, letters) : throw new ToolException("unknown key option");
    }

    private static string Extract(string line, Key key, char? separator)
    {
        if (key is { StartField: 1, StartOffset: 0, EndField: 0 }) return line;
        var start = FieldStart(line, key.StartField, separator);
        if (key.Letters.Contains('b', StringComparison.Ordinal)) while (start < line.Length && line[start] is ' ' or '\t') start++;
        start = Math.Min(line.Length, start + key.StartOffset);
        var end = line.Length;
        if (key.EndField > 0)
        {
            end = key.EndOffset > 0 ? Math.Min(line.Length, FieldStart(line, key.EndField, separator) + key.EndOffset) : FieldEnd(line, key.EndField, separator);
        }
        return end <= start ? "" : line[start..end];
    }

    private static int FieldStart(string line, int field, char? separator)
    {
        var at = 0;
        for (var n = 1; n < field && at < line.Length; n++) at = separator is null ? SkipField(line, at) : line.IndexOf(separator.Value, at) is >= 0 and var next ? next + 1 : line.Length;
        return at;
    }

    private static int FieldEnd(string line, int field, char? separator)
    {
        var start = FieldStart(line, field, separator);
        return separator is null ? SkipField(line, start) : line.IndexOf(separator.Value, start) is >= 0 and var next ? next : line.Length;
    }

    private static int SkipField(string line, int at)
    {
        while (at < line.Length && line[at] is ' ' or '\t') at++;
        while (at < line.Length && line[at] is not (' ' or '\t')) at++;
        return at;
    }

    private static int CompareBy(string left, string right, string letters)
    {
        if (letters.Contains('b', StringComparison.Ordinal)) (left, right) = (left.TrimStart(' ', '\t'), right.TrimStart(' ', '\t'));
        if (letters.Contains('n', StringComparison.Ordinal) || letters.Contains('g', StringComparison.Ordinal)) return Number(left).CompareTo(Number(right));
        if (letters.Contains('h', StringComparison.Ordinal)) return Human(left).CompareTo(Human(right));
        if (letters.Contains('M', StringComparison.Ordinal)) return Month(left).CompareTo(Month(right));
        if (letters.Contains('V', StringComparison.Ordinal)) return CompareVersions(left, right);
        if (letters.Contains('d', StringComparison.Ordinal)) (left, right) = (Keep(left), Keep(right));
        return letters.Contains('f', StringComparison.Ordinal) ? string.CompareOrdinal(left.ToUpperInvariant(), right.ToUpperInvariant()) : string.CompareOrdinal(left, right);
    }

    private static string Keep(string text) => string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '\t'));

    private static double Number(string text)
    {
        text = text.TrimStart(' ', '\t');
        var end = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.')) end++;
        return double.TryParse(text.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    private static double Human(string text)
    {
        var unit = text.Trim().LastOrDefault();
        return Number(text) * Math.Pow(1024, Math.Max(0, "BKMGTPE".IndexOf(char.ToUpperInvariant(unit), StringComparison.Ordinal)));
    }

    private static int Month(string text)
    {
        var trimmed = text.TrimStart();
        return trimmed.Length < 3 ? -1 : Array.IndexOf(Months, trimmed[..3].ToUpperInvariant());
    }

    private static int CompareVersions(string left, string right)
    {
        int i = 0, j = 0;
        while (i < left.Length && j < right.Length)
        {
            if (char.IsAsciiDigit(left[i]) && char.IsAsciiDigit(right[j]))
            {
                var (a, b) = (Digits(left, ref i), Digits(right, ref j));
                var order = a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b);
                if (order != 0) return order;
            }
            else if (left[i] != right[j])
            {
                return left[i].CompareTo(right[j]);
            }
            else
            {
                i++;
                j++;
            }
        }
        return (left.Length - i).CompareTo(right.Length - j);
    }

    private static string Digits(string text, ref int at)
    {
        var digits = new StringBuilder();
        while (at < text.Length && char.IsAsciiDigit(text[at])) digits.Append(text[at++]);
        return digits.ToString().TrimStart('0');
    }
}
