namespace ActorCluster.Controllers.Scheduling;

/// <summary>A filter that is ready to judge nodes for one pod.</summary>
internal interface INodeFilter
{
    /// <returns>Null: the pod can run there.</returns>
    Rejection? Reject(NodeState node);

    /// <summary>Why the pod can go nowhere, whatever the nodes are like; null: it depends on them.</summary>
    string? Nowhere => null;

    /// <summary>The only nodes that need be looked at; null: any.</summary>
    IReadOnlyCollection<string>? OnlyNodes => null;

    /// <summary>A copy that may be told of pods that are not there in truth: what if one went, what if one came? A filter that looks at nothing but
    /// the node is its own copy.</summary>
    INodeFilter Fork() => this;

    /// <param name="change">1: the pod is there now; -1: it is gone.</param>
    void Suppose(SchedulingPod other, NodeState node, int change)
    {
    }
}
