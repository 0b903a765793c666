namespace ActorCluster.Controllers.Scheduling;

/// <summary>A filter that looks at nothing but the pod and the node.</summary>
internal sealed class NodeFilter(Func<NodeState, Rejection?> reject) : INodeFilter
{
    public Rejection? Reject(NodeState node) => reject(node);
}
