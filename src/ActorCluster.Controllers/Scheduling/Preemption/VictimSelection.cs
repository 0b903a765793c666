using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Preemption;

/// <summary>The fewest and least important pods of a node that must go for a pod to fit (SelectVictimsOnNode in plugins/defaultpreemption). Pure.</summary>
internal static class VictimSelection
{
    private const string NoVictims = "No preemption victims found for incoming pod";

    /// <returns>A candidate, or why the node is none.</returns>
    public static (Candidate? Candidate, IReadOnlyList<string> Reasons) On(
        NodeState node, SchedulingPod pod, PreparedFilters filters, IReadOnlyCollection<V1PodDisruptionBudget> budgets)
    {
        var possible = node.Pods.Where(other => other.Priority < pod.Priority).ToList();
        if (possible.Count == 0) return (null, [NoVictims]);
        var (supposed, judge) = (node.Fork(), filters.Fork());
        foreach (var other in possible) judge.Suppose(other, supposed, -1);
        if (judge.Reject(supposed) is { } rejected) return (null, rejected.Why.Reasons);

        // All of them would do. Now as many as possible may come back, the most important ones first, and before all those whose budgets want it.
        possible.Sort(Importance.MostFirst);
        var (violating, free) = BudgetViolations.Split(possible, budgets);
        List<SchedulingPod> victims = [];
        foreach (var other in violating) Reprieve(other);
        var violations = victims.Count;
        foreach (var other in free) Reprieve(other);
        victims.Sort(Importance.MostFirst);
        return (new Candidate(node.Name, victims, violations), []);

        void Reprieve(SchedulingPod other)
        {
            judge.Suppose(other, supposed, 1);
            if (judge.Reject(supposed) is null) return;
            judge.Suppose(other, supposed, -1);
            victims.Add(other);
        }
    }
}
