namespace ActorCluster.Controllers.Scheduling;

/// <summary>What happens in a cluster that may help a pod that could not be placed (the events of pkg/scheduler/framework/events.go).</summary>
[Flags]
internal enum ClusterChange
{
    None = 0,
    NodeAdded = 1,
    NodeAllocatable = 2,
    NodeLabels = 4,

    /// <summary>Taints or being cordoned.</summary>
    NodeTaints = 8,

    /// <summary>A pod left its node, or is about to.</summary>
    PodGone = 16,

    /// <summary>A pod got a node.</summary>
    PodPlaced = 32,
    PodLabels = 64,

    /// <summary>Claims, volumes and storage classes.</summary>
    Storage = 128,

    /// <summary>Claims of devices, and their classes.</summary>
    Devices = 256,

    /// <summary>A pod on a node needs less than before.</summary>
    PodShrunk = 512,

    AnyNode = NodeAdded | NodeAllocatable | NodeLabels | NodeTaints,
    All = AnyNode | PodGone | PodPlaced | PodLabels | Storage | Devices | PodShrunk,
}
