using ActorCluster.Api.Selectors;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>One of a pod's topology spread constraints, parsed (plugins/podtopologyspread/common.go).</summary>
internal sealed record SpreadConstraint(int MaxSkew, string TopologyKey, LabelSelector Selector, int MinDomains, bool HonorsAffinity, bool HonorsTaints)
{
    public const string Hostname = "kubernetes.io/hostname";
    private const string Honor = "Honor";

    /// <summary>The constraints of one kind.</summary>
    /// <param name="action">"DoNotSchedule" or "ScheduleAnyway".</param>
    public static IReadOnlyList<SpreadConstraint> Of(SchedulingPod pod, string action) =>
        pod.Pod.Spec.TopologySpreadConstraints is not { Count: > 0 } constraints ? []
            : [.. constraints.Where(constraint => constraint.WhenUnsatisfiable == action).Select(constraint => From(constraint, pod))];

    /// <summary>Whether the node's pods and places count.</summary>
    public bool Includes(SchedulingPod pod, NodeState node) =>
        (!HonorsAffinity || NodeSelectors.MatchesRequired(pod.Pod.Spec, node.Node))
        && (!HonorsTaints || Tolerations.Untolerated(pod.Pod.Spec.Tolerations, node.Node) is null);

    /// <summary>How many pods on each node the constraint counts; an empty selector counts none.</summary>
    public IReadOnlyDictionary<string, int>? Counts(SchedulingPod pod, ClusterState cluster) =>
        Selector.IsEverything || ReferenceEquals(Selector, LabelSelector.Nothing) ? null : cluster.Counts.PerNode(PodMatch.OfSpread(pod.Namespace, Selector));

    public static bool HasAllKeys(IReadOnlyList<SpreadConstraint> constraints, NodeState node)
    {
        foreach (var constraint in constraints)
        {
            if (node.Label(constraint.TopologyKey) is null) return false;
        }

        return true;
    }

    private static SpreadConstraint From(V1TopologySpreadConstraint constraint, SchedulingPod pod) => new(
        constraint.MaxSkew,
        constraint.TopologyKey,
        SelectorOf(constraint, pod),
        constraint.MinDomains ?? 1,
        constraint.NodeAffinityPolicy is null or Honor,
        constraint.NodeTaintsPolicy is Honor);

    /// <summary>matchLabelKeys: only pods with the same values as this one, where it has any.</summary>
    private static LabelSelector SelectorOf(V1TopologySpreadConstraint constraint, SchedulingPod pod)
    {
        var keys = (constraint.MatchLabelKeys ?? []).Where(pod.Labels.ContainsKey).ToList();
        if (keys.Count == 0 || constraint.LabelSelector is not { } selector) return LabelSelector.FromModel(constraint.LabelSelector);
        return LabelSelector.FromModel(new V1LabelSelector
        {
            MatchLabels = selector.MatchLabels,
            MatchExpressions =
            [
                .. selector.MatchExpressions ?? [],
                .. keys.Select(key => new V1LabelSelectorRequirement { Key = key, OperatorProperty = "In", Values = [pod.Labels[key]] }),
            ],
        });
    }
}
