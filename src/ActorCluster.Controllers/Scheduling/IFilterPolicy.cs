namespace ActorCluster.Controllers.Scheduling;

/// <summary>Says whether a pod can run on a node at all.</summary>
internal interface IFilterPolicy
{
    /// <summary>Why it can't, in upstream's words; empty if it can.</summary>
    IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node);

    /// <summary>Whether removing other pods from the node could ever help: the "preemption" part of the message says so.</summary>
    bool PreemptionMayHelp { get; }
}
