using System.Globalization;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Tools;

/// <summary>Users and groups as the container's /etc/passwd and /etc/group name them.</summary>
internal static class Accounts
{
    public static int? User(IFileSystem files, string name) => Find(files, "/etc/passwd", name);
    public static int? Group(IFileSystem files, string name) => Find(files, "/etc/group", name);

    /// <returns>Null if the number has no name.</returns>
    public static string? UserName(IFileSystem files, int id) => Name(files, "/etc/passwd", id);
    public static string? GroupName(IFileSystem files, int id) => Name(files, "/etc/group", id);

    private static int? Find(IFileSystem files, string path, string name)
    {
        var known = Lines(files, path).FirstOrDefault(l => l[0] == name);
        return int.TryParse(known?[2] ?? name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    private static string? Name(IFileSystem files, string path, int id)
    {
        var text = id.ToString(CultureInfo.InvariantCulture);
        return Lines(files, path).FirstOrDefault(l => l[2] == text)?[0];
    }

    /// <summary>The fields of each line that has at least three.</summary>
    public static IEnumerable<string[]> Lines(IFileSystem files, string path)
    {
        if (!files.Exists(path)) return [];
        using var reader = new StreamReader(files.Open(path, FileOpen.Read));
        return [.. reader.ReadToEnd().Split('\n').Select(l => l.Split(':')).Where(l => l.Length > 2)];
    }
}
