using ActorCluster.Host.Launch;

namespace ActorCluster.Host.Options;

/// <summary>What may be hosted side by side, and how to speak of many.</summary>
internal static class NodeNames
{
    private const int Spelled = 5;

    /// <summary>For people to read: "worker-1, worker-2", or the first five "and 995 more".</summary>
    public static string Brief(IReadOnlyList<string> nodes) =>
        nodes.Count <= Spelled + 1 ? string.Join(", ", nodes) : $"{string.Join(", ", nodes.Take(Spelled))} and {nodes.Count - Spelled} more";

    public static IEnumerable<string> Validate(IReadOnlyList<string> nodes)
    {
        if (nodes.Count > ClusterOptions.MaximumNodes)
            yield return $"{nodes.Count} nodes are too many: use at most {ClusterOptions.MaximumNodes}.";
        foreach (var node in nodes.Where(node => !ObjectNames.IsLabel(node)))
            yield return $"'{node}' is not a node name: use lower-case letters, digits and '-'.";
        foreach (var same in nodes.GroupBy(node => node).Where(same => same.Count() > 1))
            yield return $"Node {same.Key} is named more than once.";
    }
}
