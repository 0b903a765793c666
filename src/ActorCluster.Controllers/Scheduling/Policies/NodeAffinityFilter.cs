using ActorCluster.Api.Selectors;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>nodeSelector and required node affinity (plugins/nodeaffinity).</summary>
internal sealed class NodeAffinityFilter : IFilterPolicy
{
    public bool PreemptionMayHelp => false;

    public IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node) =>
        NodeSelectors.MatchesRequired(pod.Pod.Spec, node.Node) ? [] : ["node(s) didn't match Pod's node affinity/selector"];
}
