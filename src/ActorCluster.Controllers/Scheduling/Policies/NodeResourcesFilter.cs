namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>The node must have room for what the pod requests (plugins/noderesources/fit.go). Names every resource that is short; where the node as a
/// whole has too little of one, no other pod's going helps.</summary>
internal sealed class NodeResourcesFilter : IFilterPolicy
{
    public string Name => "NodeResourcesFit";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeAllocatable | ClusterChange.PodGone | ClusterChange.PodShrunk;

    public INodeFilter Prepare(SchedulingPod pod, ClusterState cluster) => new NodeFilter(node => Reject(pod.Requests, node));

    private static Rejection? Reject(Resources wanted, NodeState node)
    {
        List<string>? missing = null;
        var isResolvable = true;
        if (node.PodCount + 1 > node.AllowedPods) (missing ??= []).Add("Too many pods");
        var (has, taken) = (node.Allocatable, node.Requested);
        Check("cpu", wanted.MilliCpu, has.MilliCpu, taken.MilliCpu);
        Check("memory", wanted.Memory, has.Memory, taken.Memory);
        Check("ephemeral-storage", wanted.EphemeralStorage, has.EphemeralStorage, taken.EphemeralStorage);
        foreach (var (name, amount) in wanted.Others) Check(name, amount, has.Others.GetValueOrDefault(name), taken.Others.GetValueOrDefault(name));
        return missing is null ? null : new Rejection(missing, isResolvable);

        void Check(string name, long amount, long capacity, long used)
        {
            if (amount <= 0 || amount <= capacity - used) return;
            (missing ??= []).Add($"Insufficient {name}");
            if (amount > capacity) isResolvable = false;
        }
    }
}
