namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>A pod that names its node goes there and nowhere else (plugins/nodename).</summary>
internal sealed class NodeNameFilter : IFilterPolicy
{
    private static readonly Rejection Other = Rejection.Final("node(s) didn't match the requested node name");

    public string Name => "NodeName";

    public ClusterChange MayHelp => ClusterChange.NodeAdded;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster)
    {
        var name = pod.Pod.Spec.NodeName;
        return string.IsNullOrEmpty(name) ? null : new NodeFilter(node => node.Name == name ? null : Other);
    }
}
