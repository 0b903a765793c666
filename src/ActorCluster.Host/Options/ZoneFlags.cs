using System.Collections.Immutable;

namespace ActorCluster.Host.Options;

/// <summary>
/// The option <c>--zone NODE=ZONE</c> of a worker process: where a node stands. Kubernetes knows it by two labels of the node
/// (https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone); all zones are of one region.
/// </summary>
public static class ZoneFlags
{
    public const string Name = "--zone";

    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const string RegionLabel = "topology.kubernetes.io/region";
    private const string Region = "region-1";

    internal static string ToArgument(string zone) => $"{Name}={zone}";

    /// <param name="nodes">Those that the process hosts.</param>
    /// <param name="errors">Gets what is wrong.</param>
    internal static void Validate(IReadOnlyList<string> texts, IReadOnlyList<string> nodes, List<string> errors)
    {
        foreach (var text in texts)
        {
            if (Split(text) is not var (node, zone) || !ObjectNames.IsLabel(zone)) errors.Add($"{Name} '{text}' can't be read: write NODE=ZONE, for example worker-1=zone-1.");
            else if (!nodes.Contains(node)) errors.Add($"{Name} '{text}': there is no node '{node}' here.");
        }

        foreach (var same in texts.Select(Split).OfType<(string Node, string Zone)>().GroupBy(zone => zone.Node, StringComparer.Ordinal).Where(same => same.Count() > 1))
            errors.Add($"{Name}: node {same.Key} can't be in {same.Count()} zones.");
    }

    /// <summary>The labels that the node has because of the options, which are valid.</summary>
    internal static ImmutableSortedDictionary<string, string> LabelsOf(string node, IReadOnlyList<string> texts) =>
        texts.Select(Split).OfType<(string Node, string Zone)>().FirstOrDefault(zone => zone.Node == node) is { Zone: { } found }
            ? ImmutableSortedDictionary<string, string>.Empty.Add(RegionLabel, Region).Add(ZoneLabel, found)
            : ImmutableSortedDictionary<string, string>.Empty;

    private static (string Node, string Zone)? Split(string text) => text.Split('=') is [{ Length: > 0 } node, var zone] ? (node, zone) : null;
}
