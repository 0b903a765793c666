using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Preemption;

/// <summary>Which pods disruption budgets would keep if they all had to go (filterPodsWithPDBViolation in plugins/defaultpreemption). Pure.</summary>
internal static class BudgetViolations
{
    /// <returns>Both in the order in which they came.</returns>
    public static (List<SchedulingPod> Violating, List<SchedulingPod> Free) Split(IReadOnlyList<SchedulingPod> pods, IReadOnlyCollection<V1PodDisruptionBudget> budgets)
    {
        var (violating, free) = (new List<SchedulingPod>(), new List<SchedulingPod>());
        var allowed = budgets.ToDictionary(budget => budget, budget => budget.Status?.DisruptionsAllowed ?? 0);
        foreach (var pod in pods)
        {
            var isViolating = false;
            foreach (var budget in budgets)
            {
                if (!Covers(budget, pod)) continue;
                allowed[budget]--;
                isViolating |= allowed[budget] < 0;
            }

            (isViolating ? violating : free).Add(pod);
        }

        return (violating, free);
    }

    /// <summary>An empty selector selects nothing here, and what was granted to go already counts no more.</summary>
    private static bool Covers(V1PodDisruptionBudget budget, SchedulingPod pod) =>
        budget.Metadata.NamespaceProperty == pod.Namespace
        && pod.Labels.Count > 0
        && !LabelSelectors.IsEmpty(budget.Spec.Selector)
        && LabelSelectors.Matches(budget.Spec.Selector, pod.Pod.Metadata.Labels)
        && budget.Status?.DisruptedPods?.ContainsKey(pod.Name) != true;
}
