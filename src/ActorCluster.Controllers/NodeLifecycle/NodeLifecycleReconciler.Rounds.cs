using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.NodeLifecycle;

/// <summary>Which of the rounds can be left out: those at which every node would be found as it was.</summary>
internal sealed partial class NodeLifecycleReconciler
{
    /// <summary>How long it is to the first round that may find something; null: none, unless something changes.</summary>
    /// <param name="nodes">All, as they were found now.</param>
    private TimeSpan? UntilNextRound(IReadOnlyCollection<V1Node> nodes)
    {
        lock (_lock)
        {
            if (_evictions.AnyWaiting || _evictions.AllDisrupted) return _rounds.UntilNext();
        }

        TimeSpan? first = null;
        foreach (var node in nodes)
        {
            if (!IsWell(node) || !_health.TryGetValue(node.Metadata.Name, out var health)) return _rounds.UntilNext();
            first = ReconcileResult.Earlier(first, _rounds.UntilPast(health.SilentAfter(Timings.NodeMonitorGracePeriod, Timings.NodeStartupGracePeriod) - _services.Now));
        }

        return first;
    }

    /// <summary>Nothing but its silence can be found of it.</summary>
    private bool IsWell(V1Node node) =>
        NodeVerdicts.ReadyStatus(node) == "True" && _known.ContainsKey(node.Metadata.Name) && !_podsToMark.ContainsKey(node.Metadata.Name)
        && UnreachableSince(node) is null && NodeVerdicts.Taints(node, "", _services.Now) is null;

    /// <summary>Whether a change is one that the next round, which may be far, must not come too late for: it judges the zones by the nodes' states, and the processes by where nodes run.</summary>
    private static bool IsForNextRound(V1Node? before, V1Node after) =>
        before is null || NodeVerdicts.ReadyStatus(before) != NodeVerdicts.ReadyStatus(after) || NodeVerdicts.TaintsMayChange(before, after) || ProcessOf(before) != ProcessOf(after)
        || NodeVerdicts.ZoneOf(before) != NodeVerdicts.ZoneOf(after) || before.Metadata.Labels?.ContainsKey(ExcludedLabel) != after.Metadata.Labels?.ContainsKey(ExcludedLabel);
}
