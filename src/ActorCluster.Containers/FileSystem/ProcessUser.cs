using System.Collections.Immutable;

namespace ActorCluster.Containers.FileSystem;

/// <summary>Whose a process is, by the numbers of its user and groups.</summary>
/// <param name="Groups">Sorted, the first one (<paramref name="GroupId"/>) among them, as the kernel keeps them.</param>
public sealed record ProcessUser(int UserId, int GroupId, ImmutableArray<int> Groups)
{
    public static ProcessUser Root { get; } = new(0, 0, [0]);

    public bool IsRoot => UserId == 0;

    public static ProcessUser Of(int userId, int groupId, IEnumerable<int> more) => new(userId, groupId, [.. more.Append(groupId).Distinct().Order()]);

    public bool IsIn(int group) => group == GroupId || Groups.Contains(group);
}
