using System.Collections.Immutable;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <param name="Grace">How long its pods get at most; the next group waits no longer.</param>
/// <param name="Uids">Of its pods.</param>
internal sealed record ShutdownGroup(TimeSpan Grace, ImmutableArray<string> Uids);

/// <summary>In which order a node that shuts down ends its pods: critical ones last, since others may need them to end well
/// (groupByPriority and migrateConfig in pkg/kubelet/nodeshutdown/nodeshutdown_manager.go). Pure.</summary>
internal static class ShutdownGroups
{
    /// <summary>scheduling.SystemCriticalPriority.</summary>
    private const int SystemCritical = 2_000_000_000;

    /// <param name="total">kubelet shutdownGracePeriod.</param>
    /// <param name="critical">kubelet shutdownGracePeriodCriticalPods: the last part of it.</param>
    /// <returns>The groups that have pods, in order.</returns>
    public static ImmutableArray<ShutdownGroup> Of(IEnumerable<V1Pod> pods, TimeSpan total, TimeSpan critical)
    {
        var byRank = pods.ToLookup(pod => pod.Spec.Priority >= SystemCritical, pod => pod.Metadata.Uid);
        return
        [
            .. from rank in (bool[])[false, true]
               where byRank[rank].Any()
               select new ShutdownGroup(rank ? critical : total - critical, [.. byRank[rank].Order(StringComparer.Ordinal)])
        ];
    }
}
