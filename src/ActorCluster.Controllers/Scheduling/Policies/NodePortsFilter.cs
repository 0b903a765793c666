namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>A host port can be had once on a node (plugins/nodeports).</summary>
internal sealed class NodePortsFilter : IFilterPolicy
{
    public bool PreemptionMayHelp => true;

    public IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node) =>
        pod.Ports.Count > 0 && node.HasConflict(pod.Ports) ? ["node(s) didn't have free ports for the requested pod ports"] : [];
}
