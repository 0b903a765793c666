using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Scheduling.Policies;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Preemption;

/// <summary>Where room is to be made for a pod, or why it isn't.</summary>
/// <param name="Candidate">Null: nowhere.</param>
/// <param name="Message">For the pod's condition, what upstream's plugins that are asked when nothing fits say, the one for claims of devices among them; "" if room will be made.</param>
/// <param name="KeepsNomination">A nomination that the pod has stays: room is being made already, or the pod doesn't preempt.</param>
internal readonly record struct PreemptionPlan(Candidate? Candidate, string Message, bool KeepsNomination);

/// <summary>Finds pods of lower priority that can go for one that fits nowhere (plugins/defaultpreemption, pkg/scheduler/framework/preemption). Pure
/// but for the chance where it begins to look.</summary>
internal sealed class PreemptionPlanner(RandomSource random)
{
    /// <summary>minCandidateNodesPercentage and minCandidateNodesAbsolute.</summary>
    private const int CandidatePercentage = 10;
    private const int LeastCandidates = 100;

    /// <summary>
    /// What upstream says in place of all else where a pod's volumes prevent it: the plugin for claims of devices comes later, has not looked at the pod, and misses what it would have noted.
    /// </summary>
    private const string NothingNoted = "not found";

    public PreemptionPlan Plan(
        SchedulingPod pod, Diagnosis diagnosis, PreparedFilters filters, ClusterState cluster, IReadOnlyCollection<V1PodDisruptionBudget> budgets)
    {
        if (diagnosis.NowhereBy is not (null or DynamicResourcesFilter)) return new(null, NothingNoted, KeepsNomination: false);
        var claims = pod.Pod.Spec.ResourceClaims is { Count: > 0 } && diagnosis.NowhereBy is null ? "still not schedulable" : "no new claims to deallocate";
        if (WhyNotEligible(pod, diagnosis, cluster) is { } why) return new(null, $"{claims}, preemption: {why}", KeepsNomination: true);
        var nodes = diagnosis.Resolvable.ToList();
        List<Candidate> candidates = [];
        List<IReadOnlyList<string>> reasons = [];
        var (offset, wanted) = nodes.Count == 0 ? (0, 0) : (random.Next(nodes.Count), Math.Min(nodes.Count, Math.Max(LeastCandidates, nodes.Count * CandidatePercentage / 100)));
        for (var i = 0; i < nodes.Count && (candidates.Count < wanted || candidates.TrueForAll(c => c.Violations > 0)); i++)
        {
            var (candidate, without) = VictimSelection.On(nodes[(offset + i) % nodes.Count], pod, filters, budgets);
            if (candidate is not null) candidates.Add(candidate);
            else reasons.Add(without);
        }

        return candidates.Count > 0
            ? new(CandidateRanking.Best(candidates), "", KeepsNomination: false)
            : new(null, $"{claims}, preemption: {Diagnosis.Describe(diagnosis.AllNodes, reasons, "Preemption is not helpful for scheduling")}", KeepsNomination: false);
    }

    private static string? WhyNotEligible(SchedulingPod pod, Diagnosis diagnosis, ClusterState cluster)
    {
        if (pod.Pod.Spec.PreemptionPolicy == "Never") return "not eligible due to preemptionPolicy=Never.";
        if (cluster.Nominations.NodeOf(pod.Uid) is not { } nominated || diagnosis.Of(nominated) is { IsResolvable: false }) return null;
        var isWaiting = cluster.Find(nominated)?.Pods.Any(other => other.Priority < pod.Priority && IsGoingForAnother(other.Pod)) == true;
        return isWaiting ? "not eligible due to a terminating pod on the nominated node." : null;
    }

    private static bool IsGoingForAnother(V1Pod pod) =>
        PodFacts.IsDeleting(pod) && Conditions.Find(pod, "DisruptionTarget") is { Status: "True", Reason: "PreemptionByScheduler" };
}
