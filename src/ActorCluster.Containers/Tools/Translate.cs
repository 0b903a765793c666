using ActorCluster.Containers.Shell;
using ActorCluster.Containers.Shell.Expansion;

namespace ActorCluster.Containers.Tools;

/// <summary>tr.</summary>
internal static class Translate
{
    public static readonly Tool Tool = new(
        "tr",
        "[-cds] STRING1 [STRING2]\n\nTranslate, squeeze, or delete characters from stdin, writing to stdout\n\n\t-c\tTake complement of STRING1\n\t-d\tDelete input characters coded STRING1\n\t-s\tSqueeze multiple output characters of STRING2 into one character",
        RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("+cCdst", ("complement", 'c'), ("delete", 'd'), ("squeeze-repeats", 's'));
        if (options.Operands.Count is 0 or > 2) throw new UsageException();
        var first = Expand(ToolContext.Bytes(options.Operands[0]));
        if (options.Has('c') || options.Has('C')) first = [.. Enumerable.Range(0, 256).Select(i => (byte)i).Except(first)];
        var second = options.Operands.Count > 1 ? Expand(ToolContext.Bytes(options.Operands[1])) : null;
        if (second is null && !options.Has('d') && !options.Has('s')) throw new UsageException();
        if (second is { Count: 0 } && !options.Has('d')) throw new ToolException("STRING2 cannot be empty");

        var map = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var drop = new bool[256];
        var squeeze = new bool[256];
        if (options.Has('d')) foreach (var b in first) drop[b] = true;
        else if (second is not null) for (var i = 0; i < first.Count; i++) map[first[i]] = second[Math.Min(i, second.Count - 1)];
        if (options.Has('s')) foreach (var b in second ?? first) squeeze[b] = true;

        var buffer = new byte[8192];
        var last = -1;
        int count;
        while ((count = await tool.Process.Stdin.ReadAsync(buffer, tool.Killed)) > 0)
        {
            var output = new List<byte>(count);
            foreach (var b in buffer.AsSpan(0, count))
            {
                if (drop[b]) continue;
                var mapped = map[b];
                if (squeeze[mapped] && last == mapped) continue;
                output.Add(mapped);
                last = mapped;
            }
            await tool.Out.WriteAsync(output.ToArray());
            await tool.Out.FlushAsync();
        }
        return 0;
    }

    private static List<byte> Expand(string set)
    {
        var result = new List<byte>();
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i] == '[' && i + 1 < set.Length && set[i + 1] == ':' && set.IndexOf(":]", i + 2, StringComparison.Ordinal) is > 0 and var end && BracketSet.Class(set[(i + 2)..end]) is { } has)
            {
                result.AddRange(Enumerable.Range(0, 128).Where(c => has((char)c)).Select(c => (byte)c));
                i = end + 1;
                continue;
            }
            if (set[i] == '[' && i + 4 < set.Length && set[i + 1] == '=' && set[i + 3] == '=' && set[i + 4] == ']')
            {
                result.Add((byte)set[i + 2]);
                i += 4;
                continue;
            }
            var low = One(set, ref i);
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                i += 2;
                var high = One(set, ref i);
                if (high < low) throw new ToolException($"invalid range '{(char)low}-{(char)high}'");
                for (int c = low; c <= high; c++) result.Add((byte)c);
                continue;
            }
            result.Add(low);
        }
        return result;
    }

    /// <param name="i">Left at the character's last position.</param>
    private static byte One(string set, ref int i)
    {
        if (set[i] != '\\' || i + 1 >= set.Length) return (byte)set[i];
        var end = i + 1;
        while (end < set.Length && end < i + 4 && set[end] is >= '0' and <= '7') end++;
        if (end == i + 1) end++;
        var decoded = Escapes.Decode(set[i..end], EscapeStyle.Format, out _);
        i = end - 1;
        return (byte)decoded[^1];
    }
}
