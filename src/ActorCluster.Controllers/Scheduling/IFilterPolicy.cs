namespace ActorCluster.Controllers.Scheduling;

/// <summary>Says whether a pod can run on a node at all.</summary>
internal interface IFilterPolicy
{
    /// <summary>Upstream's name of the plugin.</summary>
    string Name { get; }

    /// <summary>What may let a pod pass that was rejected: nothing else wakes it before its time.</summary>
    ClusterChange MayHelp { get; }

    /// <summary>Gathers once what judging each node needs.</summary>
    /// <returns>Null: the pod doesn't care.</returns>
    INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster);
}
