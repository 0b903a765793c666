namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>A host port can be had once on a node (plugins/nodeports).</summary>
internal sealed class NodePortsFilter : IFilterPolicy
{
    private static readonly Rejection Taken = Rejection.Resolvable("node(s) didn't have free ports for the requested pod ports");

    public string Name => "NodePorts";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.PodGone;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster) =>
        pod.Ports.Count == 0 ? null : new NodeFilter(node => node.HasConflict(pod.Ports) ? Taken : null);
}
