using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>The status that nodes and pods amount to (updateDaemonSetStatus in pkg/controller/daemon/daemon_controller.go). Pure.</summary>
internal static class DaemonStatus
{
    /// <param name="observed">Whether the set's present generation has been acted on.</param>
    public static V1DaemonSetStatus Calculate(DaemonNodes nodes, string hash, bool observed, DateTimeOffset now)
    {
        var (current, misscheduled, ready, available, updated) = (0, 0, 0, 0, 0);
        foreach (var (node, fit) in nodes.Nodes)
        {
            if (DaemonPods.InOrder(nodes.On(node.Metadata.Name)).FirstOrDefault() is not { } pod) continue;
            if (!fit.ShouldRun)
            {
                misscheduled++;
                continue;
            }

            current++;
            if (PodFacts.IsReady(pod)) ready++;
            if (PodFacts.IsAvailable(pod, nodes.Set.Spec.MinReadySeconds ?? 0, now)) available++;
            if (DaemonPods.IsUpdated(nodes.Set, pod, hash)) updated++;
        }

        return (nodes.Set.Status ?? new V1DaemonSetStatus()) with
        {
            ObservedGeneration = observed ? nodes.Set.Metadata.Generation : nodes.Set.Status?.ObservedGeneration,
            DesiredNumberScheduled = nodes.Desired,
            CurrentNumberScheduled = current,
            NumberMisscheduled = misscheduled,
            NumberReady = ready,
            NumberAvailable = available,
            NumberUnavailable = nodes.Desired - available,
            UpdatedNumberScheduled = updated,
        };
    }

    /// <summary>Whether writing would change nothing.</summary>
    public static bool Same(V1DaemonSetStatus? left, V1DaemonSetStatus right) =>
        left is not null
        && left.DesiredNumberScheduled == right.DesiredNumberScheduled
        && left.CurrentNumberScheduled == right.CurrentNumberScheduled
        && left.NumberMisscheduled == right.NumberMisscheduled
        && left.NumberReady == right.NumberReady
        && (left.NumberAvailable ?? 0) == right.NumberAvailable
        && (left.NumberUnavailable ?? 0) == right.NumberUnavailable
        && (left.UpdatedNumberScheduled ?? 0) == right.UpdatedNumberScheduled
        && (left.ObservedGeneration ?? 0) == (right.ObservedGeneration ?? 0);
}
