using ActorCluster.Controllers.Scheduling;
using k8s.Models;

namespace ActorCluster.Controllers.EndpointSlices;

/// <summary>
/// Topology aware routing: with the annotation service.kubernetes.io/topology-mode: Auto, each zone gets as many endpoints as it has of the cluster's CPUs, its own
/// first, and none at all are hinted where that would burden some endpoint by a fifth more than the others (KEP-2433; k8s.io/endpointslice/topologycache). Pure.
/// </summary>
internal static class TopologyHints
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const double OverloadThreshold = 0.2;

    private static readonly string[] ModeAnnotations = ["service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"];
    private static readonly string[] ExcludedNodes = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    /// <summary>Whether the service asks for it. trafficDistribution does not count then.</summary>
    public static bool AskedForBy(V1Service service) =>
        service.Metadata.Annotations is { } annotations
        && ModeAnnotations.Where(annotations.ContainsKey).Select(name => annotations[name]).FirstOrDefault() is "Auto" or "auto";

    /// <summary>Whether the change of a node matters to those services.</summary>
    public static bool Concern(V1Node? before, V1Node? after) => ShareOf(before) != ShareOf(after);

    /// <summary>Each zone's part of the CPUs of all nodes that are Ready; null if there are fewer than two zones, or a node of which not enough is known.</summary>
    public static SortedDictionary<string, double>? Shares(IEnumerable<V1Node> nodes)
    {
        var known = nodes.Select(ShareOf).OfType<(string Zone, long MilliCpu)>().ToList();
        if (known.Exists(node => node.Zone.Length == 0 || node.MilliCpu == 0)) return null;
        var zones = known.GroupBy(node => node.Zone, StringComparer.Ordinal).ToDictionary(zone => zone.Key, zone => zone.Sum(node => node.MilliCpu), StringComparer.Ordinal);
        double total = zones.Values.Sum();
        return zones.Count < 2 ? null : new(zones.ToDictionary(zone => zone.Key, zone => zone.Value / total), StringComparer.Ordinal);
    }

    /// <summary>Gives the ready ones of a service's endpoints of one family their zones.</summary>
    /// <param name="endpoints">In an order that stays.</param>
    /// <returns>Why there are no hints, in upstream's words; null: there are.</returns>
    public static string? Assign(IEnumerable<V1Endpoint> endpoints, SortedDictionary<string, double>? shares)
    {
        var ready = endpoints.Where(endpoint => endpoint.Conditions.Ready == true).ToList();
        if (shares is null) return "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
        if (shares.Count > ready.Count) return $"Insufficient number of endpoints ({ready.Count} endpoints, {shares.Count} zones)";
        var least = shares.ToDictionary(zone => zone.Key, zone => (int)Math.Ceiling(zone.Value * ready.Count * (1 / (1 + OverloadThreshold))), StringComparer.Ordinal);
        if (least.Values.Sum() > ready.Count)
            return $"Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ({ready.Count} endpoints, {shares.Count} zones)";
        if (ready.Exists(endpoint => string.IsNullOrEmpty(endpoint.Zone))) return "One or more endpoints do not have a zone specified";

        foreach (var endpoint in ready) endpoint.Hints = For(endpoint.Zone);
        var (giving, receiving) = Exchange(shares.Keys.ToDictionary(
            zone => zone, zone => ready.Count(endpoint => endpoint.Zone == zone) - Math.Max(shares[zone] * ready.Count, least[zone]), StringComparer.Ordinal));
        foreach (var endpoint in ready)
        {
            if (receiving.Count == 0) break;
            if (!giving.Remove(endpoint.Zone)) continue;
            endpoint.Hints = For(receiving[0]);
            receiving.RemoveAt(0);
        }

        return null;
    }

    /// <summary>Which zones give an endpoint, and which get one, each as often as it is named.</summary>
    /// <param name="surplus">How many endpoints each zone has more than it should; negative: how many are missing.</param>
    private static (List<string> Giving, List<string> Receiving) Exchange(Dictionary<string, double> surplus)
    {
        var (giving, receiving) = (new List<string>(), new List<string>());
        while (true)
        {
            var most = surplus.OrderByDescending(zone => zone.Value).ThenBy(zone => zone.Key, StringComparer.Ordinal).First();
            var fewest = surplus.OrderBy(zone => zone.Value).ThenBy(zone => zone.Key, StringComparer.Ordinal).First();
            // Half an endpoint is not worth a move, unless the other side lacks or has a whole one.
            if (most.Value < 0.5 || fewest.Value > -0.5 || (most.Value < 1 && fewest.Value > -1)) return (giving, receiving);
            giving.Add(most.Key);
            receiving.Add(fewest.Key);
            surplus[most.Key]--;
            surplus[fewest.Key]++;
        }
    }

    private static V1EndpointHints For(string zone) => new() { ForZones = [new V1ForZone { Name = zone }] };

    /// <summary>Null: the node does not count.</summary>
    private static (string Zone, long MilliCpu)? ShareOf(V1Node? node)
    {
        if (node?.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) != true) return null;
        var labels = node.Metadata.Labels;
        if (labels is not null && ExcludedNodes.Any(labels.ContainsKey)) return null;
        return (labels is not null && labels.TryGetValue(ZoneLabel, out var zone) ? zone : "", Resources.From(node.Status.Allocatable).MilliCpu);
    }
}
