namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>The node must have room for what the pod requests (plugins/noderesources/fit.go). Names every resource that is short.</summary>
internal sealed class NodeResourcesFilter : IFilterPolicy
{
    public bool PreemptionMayHelp => true;

    public IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node)
    {
        List<string>? missing = null;
        if (node.PodCount + 1 > node.AllowedPods) (missing ??= []).Add("Too many pods");
        var (wanted, has, taken) = (pod.Requests, node.Allocatable, node.Requested);
        if (wanted.MilliCpu > 0 && wanted.MilliCpu > has.MilliCpu - taken.MilliCpu) (missing ??= []).Add("Insufficient cpu");
        if (wanted.Memory > 0 && wanted.Memory > has.Memory - taken.Memory) (missing ??= []).Add("Insufficient memory");
        if (wanted.EphemeralStorage > 0 && wanted.EphemeralStorage > has.EphemeralStorage - taken.EphemeralStorage)
            (missing ??= []).Add("Insufficient ephemeral-storage");
        foreach (var (name, amount) in wanted.Others)
        {
            if (amount > 0 && amount > has.Others.GetValueOrDefault(name) - taken.Others.GetValueOrDefault(name))
                (missing ??= []).Add($"Insufficient {name}");
        }

        return missing ?? (IReadOnlyList<string>)[];
    }
}
