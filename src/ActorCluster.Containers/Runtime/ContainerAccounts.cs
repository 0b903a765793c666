using System.Globalization;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Runtime;

/// <summary>What a container's /etc/passwd and /etc/group say of a user that is known by its number (passwd(5), group(5)).</summary>
internal static class ContainerAccounts
{
    private const int GroupField = 3;
    private const int HomeField = 5;
    private const int MembersField = 3;

    public static int? PrimaryGroup(IFileSystem files, int user) => int.TryParse(Field(files, user, GroupField), NumberStyles.None, CultureInfo.InvariantCulture, out var group) ? group : null;

    public static string? Home(IFileSystem files, int user) => Field(files, user, HomeField);

    /// <summary>The groups that have the user among their members.</summary>
    public static IReadOnlyList<int> GroupsOf(IFileSystem files, int user)
    {
        if (Accounts.UserName(files, user) is not { } name) return [];
        return
        [
            .. Accounts.Lines(files, "/etc/group").Where(line => line.Length > MembersField && line[MembersField].Split(',').Contains(name))
                .Select(line => int.TryParse(line[2], NumberStyles.None, CultureInfo.InvariantCulture, out var group) ? group : 0),
        ];
    }

    private static string? Field(IFileSystem files, int user, int field)
    {
        var text = user.ToString(CultureInfo.InvariantCulture);
        return Accounts.Lines(files, "/etc/passwd").FirstOrDefault(line => line[2] == text) is { } found && found.Length > field ? found[field] : null;
    }
}
