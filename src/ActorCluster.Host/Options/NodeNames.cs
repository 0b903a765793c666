using ActorCluster.Host.Launch;

namespace ActorCluster.Host.Options;

/// <summary>What may be hosted side by side.</summary>
internal static class NodeNames
{
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
