using System.Text;
using System.Text.RegularExpressions;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Programs;

/// <summary>File name patterns as glob(3) expands them: '*', '?' and '[...]', sorted; names with a leading dot only by a leading dot.</summary>
internal static class PathPattern
{
    public static IReadOnlyList<string> Expand(IFileSystem files, string pattern)
    {
        IEnumerable<string> found = [""];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = part.IndexOfAny(['*', '?', '[']) < 0
                ? found.Select(folder => $"{folder}/{part}").Where(path => files.Exists(path))
                : found.SelectMany(folder => Match(files, folder, part));
        }
        return [.. found.Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Match(IFileSystem files, string folder, string pattern)
    {
        var directory = folder.Length == 0 ? "/" : folder;
        if (!files.Exists(directory) || files.Stat(directory).Kind != FileKind.Directory) return [];
        var regex = new Regex(ToRegex(pattern), RegexOptions.CultureInvariant | RegexOptions.Singleline, TimeSpan.FromSeconds(1));
        return files.List(directory).Where(name => (pattern[0] == '.' || name[0] != '.') && regex.IsMatch(name)).Select(name => $"{folder}/{name}");
    }

    private static string ToRegex(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            var close = pattern[i] == '[' ? pattern.IndexOf(']', Math.Min(i + 2, pattern.Length)) : -1;
            if (close > 0)
            {
                var set = pattern[(i + 1)..close].Replace("\\", "\\\\", StringComparison.Ordinal);
                regex.Append('[').Append(set[0] == '!' ? "^" + set[1..] : set).Append(']');
                i = close;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => ".*", '?' => ".", var c => Regex.Escape(c.ToString()) });
            }
        }
        return regex.Append('$').ToString();
    }
}
