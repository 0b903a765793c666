using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.NodeLifecycle;

/// <summary>What silence and conditions mean for a node's conditions and taints, in upstream's words. Pure.</summary>
internal static class NodeVerdicts
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const string RegionLabel = "topology.kubernetes.io/region";
    public const string NotReadyTaint = "node.kubernetes.io/not-ready";
    public const string UnreachableTaint = "node.kubernetes.io/unreachable";
    public const string UnschedulableTaint = "node.kubernetes.io/unschedulable";
    public const string NoSchedule = "NoSchedule";
    public const string NoExecute = "NoExecute";

    private static readonly string[] KubeletConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    private static readonly Dictionary<(string Type, string Status), string> TaintOfCondition = new()
    {
        [("Ready", "False")] = NotReadyTaint,
        [("Ready", "Unknown")] = UnreachableTaint,
        [("MemoryPressure", "True")] = "node.kubernetes.io/memory-pressure",
        [("DiskPressure", "True")] = "node.kubernetes.io/disk-pressure",
        [("NetworkUnavailable", "True")] = "node.kubernetes.io/network-unavailable",
        [("PIDPressure", "True")] = "node.kubernetes.io/pid-pressure",
    };

    public static string ReadyStatus(V1Node node) => Conditions.Find(node, "Ready")?.Status ?? "Unknown";

    /// <summary>The conditions of a node that is silent; null if they say so already.</summary>
    public static IList<V1NodeCondition>? ConditionsOfSilence(V1Node node, DateTimeOffset now)
    {
        var conditions = node.Status?.Conditions?.ToList() ?? [];
        var changed = false;
        foreach (var type in KubeletConditions)
        {
            var index = conditions.FindIndex(condition => condition.Type == type);
            if (index < 0)
            {
                conditions.Add(new V1NodeCondition
                {
                    Type = type,
                    Status = "Unknown",
                    Reason = "NodeStatusNeverUpdated",
                    Message = "Kubelet never posted node status.",
                    LastHeartbeatTime = node.Metadata.CreationTimestamp,
                    LastTransitionTime = now.ToApiTime(),
                });
                changed = true;
            }
            else if (conditions[index].Status != "Unknown")
            {
                conditions[index] = conditions[index] with
                {
                    Status = "Unknown",
                    Reason = "NodeStatusUnknown",
                    Message = "Kubelet stopped posting node status.",
                    LastTransitionTime = now.ToApiTime(),
                };
                changed = true;
            }
        }

        return changed ? conditions : null;
    }

    /// <summary>The taints the node should have: NoSchedule ones by its conditions and cordon; of the two NoExecute ones those in
    /// <paramref name="noExecute"/>. Others stay. Null if it has them.</summary>
    /// <param name="noExecute">The key of the NoExecute taint that it should have; "" for none; null to leave them as they are.</param>
    public static IList<V1Taint>? Taints(V1Node node, string? noExecute, DateTimeOffset now)
    {
        var present = node.Spec?.Taints ?? [];
        HashSet<(string Key, string Effect)> wanted = [];
        foreach (var condition in node.Status?.Conditions ?? [])
        {
            if (TaintOfCondition.TryGetValue((condition.Type, condition.Status), out var key)) wanted.Add((key, NoSchedule));
        }

        if (node.Spec?.Unschedulable == true) wanted.Add((UnschedulableTaint, NoSchedule));
        if (noExecute is { Length: > 0 }) wanted.Add((noExecute, NoExecute));

        List<V1Taint> result = [.. present.Where(taint => !IsManaged(taint, noExecute is not null) || wanted.Contains((taint.Key, taint.Effect)))];
        var added = wanted.Where(want => !present.Any(taint => taint.Key == want.Key && taint.Effect == want.Effect)).Order().ToList();
        if (added.Count == 0 && result.Count == present.Count) return null;
        result.AddRange(added.Select(want => new V1Taint { Key = want.Key, Effect = want.Effect, TimeAdded = now.ToApiTime() }));
        return result;
    }

    public static bool HasNoExecute(V1Node node, string key) => node.Spec?.Taints?.Any(taint => taint.Key == key && taint.Effect == NoExecute) == true;

    private static bool IsManaged(V1Taint taint, bool noExecute) => taint.Effect switch
    {
        NoSchedule => taint.Key == UnschedulableTaint || TaintOfCondition.ContainsValue(taint.Key),
        NoExecute => noExecute && taint.Key is (NotReadyTaint or UnreachableTaint),
        _ => false,
    };

    /// <summary>The taint that drives a node's pods off, by its condition; null while it is Ready.</summary>
    public static string? NoExecuteFor(V1Node node) => Conditions.Find(node, "Ready")?.Status switch
    {
        "False" => NotReadyTaint,
        "Unknown" => UnreachableTaint,
        _ => null,
    };

    public static bool IsKnownNotReady(V1Node node) => Conditions.Find(node, "Ready") is { Status: not "True" };

    /// <summary>Whether a change of a node may have to do with its taints.</summary>
    public static bool TaintsMayChange(V1Node before, V1Node after) => Taints(after, null, DateTimeOffset.UnixEpoch) is not null
        || (before.Spec?.Taints?.Count ?? 0) != (after.Spec?.Taints?.Count ?? 0);

    /// <summary>Its region and zone; empty if it has no labels.</summary>
    public static string ZoneOf(V1Node node)
    {
        var labels = node.Metadata.Labels;
        return labels is null ? "" : $"{Value(RegionLabel)}:{Value(ZoneLabel)}";

        string Value(string label) => labels.TryGetValue(label, out var value) ? value : "";
    }
}
