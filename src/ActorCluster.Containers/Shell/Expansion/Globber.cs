using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Shell.Expansion;

/// <summary>Pathname expansion (XCU 2.6.6).</summary>
internal static class Globber
{
    private const int Limit = 100_000;

    /// <param name="pattern">With quoted characters escaped by a backslash.</param>
    /// <returns>Sorted; empty if nothing matches.</returns>
    public static List<string> Expand(string pattern, IFileSystem files, string workingDirectory)
    {
        var found = new List<string> { pattern.StartsWith('/') ? "/" : "" };
        var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            var last = i == parts.Length - 1;
            found = Step(found, new ShellPattern(parts[i]), last && !pattern.EndsWith('/'), files, workingDirectory);
            if (found.Count is 0 or > Limit) return [];
        }
        if (pattern.EndsWith('/') && parts.Length > 0) found = found.ConvertAll(f => f.EndsWith('/') ? f : f + "/");
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static List<string> Step(List<string> folders, ShellPattern pattern, bool last, IFileSystem files, string workingDirectory)
    {
        var next = new List<string>();
        foreach (var folder in folders)
        {
            var prefix = folder is "" or "/" ? folder : folder + "/";
            if (pattern.IsLiteral)
            {
                var path = prefix + pattern.LiteralText;
                if (IsThere(files, Absolute(workingDirectory, path), last)) next.Add(path);
                continue;
            }
            foreach (var name in Names(files, pattern.NamesLeadingDot, Absolute(workingDirectory, folder.Length == 0 ? "." : folder)))
            {
                if ((name[0] != '.' || pattern.NamesLeadingDot) && pattern.Matches(name) && (last || IsThere(files, Absolute(workingDirectory, prefix + name), false)))
                    next.Add(prefix + name);
            }
        }
        return next;
    }

    private static bool IsThere(IFileSystem files, string path, bool anyKind)
    {
        try
        {
            return files.Stat(path, followLinks: !anyKind).Kind == FileKind.Directory || anyKind;
        }
        catch (FileFaultException)
        {
            return false;
        }
    }

    /// <param name="dots">With "." and "..", which readdir(3) has, too.</param>
    private static IReadOnlyList<string> Names(IFileSystem files, bool dots, string folder)
    {
        try
        {
            return dots ? [".", "..", .. files.List(folder)] : files.List(folder);
        }
        catch (FileFaultException)
        {
            return [];
        }
    }

    private static string Absolute(string workingDirectory, string path) => path.StartsWith('/') ? path : workingDirectory.TrimEnd('/') + "/" + path;
}
