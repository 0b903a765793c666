using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.NodeLifecycle;

/// <summary>What was last heard of a node, by our own clock: kubelets' clocks are not compared with ours (tryUpdateNodeHealth in
/// pkg/controller/nodelifecycle). Pure.</summary>
/// <param name="Probed">When a sign of life was last seen.</param>
/// <param name="Heartbeat">The Ready condition's heartbeat that was seen then; null if the node never had that condition.</param>
/// <param name="Renewed">The lease's renewTime that was seen then.</param>
internal sealed record NodeHealth(DateTimeOffset Probed, bool HadStatus, DateTime? Heartbeat, DateTime? Renewed)
{
    public static NodeHealth Observe(NodeHealth? previous, V1Node node, V1Lease? lease, DateTimeOffset now)
    {
        var ready = Conditions.Find(node, "Ready");
        var renewed = lease?.Spec?.RenewTime;
        var seen = new NodeHealth(now, ready is not null, ready?.LastHeartbeatTime, renewed);
        if (previous is null) return ready is null ? seen with { Probed = node.Metadata.CreationTimestamp ?? now.UtcDateTime } : seen;
        var signOfLife = previous.HadStatus != seen.HadStatus
            || (ready is not null && previous.Heartbeat != seen.Heartbeat)
            || (renewed is not null && (previous.Renewed is null || previous.Renewed < renewed));
        return signOfLife ? seen : previous;
    }

    /// <summary>Whether it has been silent too long: longer than the grace period, or since its process was found unreachable.</summary>
    public bool IsSilent(DateTimeOffset now, TimeSpan gracePeriod, TimeSpan startupGracePeriod, DateTimeOffset? unreachableSince) =>
        now > SilentAfter(gracePeriod, startupGracePeriod) || (unreachableSince is { } since && Probed <= since);

    /// <summary>The last moment at which it isn't silent yet if nothing more is heard of it, and its process isn't found unreachable.</summary>
    public DateTimeOffset SilentAfter(TimeSpan gracePeriod, TimeSpan startupGracePeriod) => Probed + (HadStatus ? gracePeriod : startupGracePeriod);
}
