using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Tools;

/// <summary>Permissions as ls prints and chmod reads them.</summary>
internal static class FileModes
{
    public static string Describe(FileStatus status)
    {
        var p = status.Permissions;
        Span<char> text = stackalloc char[10];
        text[0] = status.Kind switch { FileKind.Directory => 'd', FileKind.SymbolicLink => 'l', FileKind.Device => 'c', _ => '-' };
        for (var i = 0; i < 9; i++) text[i + 1] = (p >> (8 - i) & 1) != 0 ? "rwx"[i % 3] : '-';
        if ((p & 0x800) != 0) text[3] = text[3] == 'x' ? 's' : 'S';
        if ((p & 0x400) != 0) text[6] = text[6] == 'x' ? 's' : 'S';
        if ((p & 0x200) != 0) text[9] = text[9] == 'x' ? 't' : 'T';
        return text.ToString();
    }

    /// <summary>"755" or "u+x,go-w".</summary>
    /// <returns>Null if it is no mode.</returns>
    public static int? Apply(string mode, int current, bool isDirectory)
    {
        if (mode.Length > 0 && mode.All(c => c is >= '0' and <= '7')) return mode.Length <= 5 ? Convert.ToInt32(mode, 8) & 0xfff : null;
        foreach (var clause in mode.Split(','))
        {
            var at = 0;
            var who = 0;
            for (; at < clause.Length && "ugoa".Contains(clause[at], StringComparison.Ordinal); at++)
                who |= clause[at] switch { 'u' => 0x9c0, 'g' => 0x438, 'o' => 0x007, _ => 0xfff };
            if (who == 0) who = 0xfff & ~0b010_010;
            if (at >= clause.Length) return null;
            while (at < clause.Length)
            {
                var op = clause[at++];
                if (op is not ('+' or '-' or '=')) return null;
                var bits = 0;
                for (; at < clause.Length && clause[at] is not ('+' or '-' or '='); at++)
                {
                    switch (clause[at])
                    {
                        case 'r': bits |= 0x124; break;
                        case 'w': bits |= 0x092; break;
                        case 'x': bits |= 0x049; break;
                        case 'X' when isDirectory || (current & 0x049) != 0: bits |= 0x049; break;
                        case 'X': break;
                        case 's': bits |= 0xc00; break;
                        case 't': bits |= 0x200; break;
                        case 'u': bits |= Spread(current >> 6); break;
                        case 'g': bits |= Spread(current >> 3); break;
                        case 'o': bits |= Spread(current); break;
                        default: return null;
                    }
                }
                current = op switch { '+' => current | (bits & who), '-' => current & ~(bits & who), _ => (current & ~who) | (bits & who) };
            }
        }
        return current & 0xfff;
    }

    private static int Spread(int bits) => (bits & 7) | (bits & 7) << 3 | (bits & 7) << 6;
}
