using ActorCluster.Controllers.Scheduling.Policies;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>The policies behind a schedulerName; pods with a name that no profile has are left alone.</summary>
internal sealed record SchedulerProfile(string Name, IReadOnlyList<IFilterPolicy> Filters, IReadOnlyList<IScorePolicy> Scores)
{
    public const string DefaultName = "default-scheduler";

    /// <summary>Upstream's default profile, in its order.</summary>
    /// <param name="volumes">The filters that know of volumes.</param>
    /// <param name="devices">Null: no pod claims devices.</param>
    public static SchedulerProfile Default(ISpreadSelectors selectors, IEnumerable<IFilterPolicy>? volumes = null, DynamicResourcesFilter? devices = null) => new(
        DefaultName,
        [
            new NodeUnschedulableFilter(),
            new NodeNameFilter(),
            new TaintTolerationFilter(),
            new NodeAffinityFilter(),
            new NodePortsFilter(),
            new NodeResourcesFilter(),
            .. volumes ?? [],
            new TopologySpreadFilter(),
            new InterPodAffinityFilter(),
            .. devices is null ? (IEnumerable<IFilterPolicy>)[] : [devices],
        ],
        [
            new TaintTolerationScore(),
            new NodeAffinityScore(),
            new LeastAllocatedScore(),
            new BalancedAllocationScore(),
            new TopologySpreadScore(selectors),
            new InterPodAffinityScore(),
            new ImageLocalityScore(),
        ]);
}
