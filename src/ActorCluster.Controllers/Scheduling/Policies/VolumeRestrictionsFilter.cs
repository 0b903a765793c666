using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>A claim of the access mode ReadWriteOncePod is one pod's alone, in the whole cluster (plugins/volumerestrictions). Going of the pod that has it helps.</summary>
/// <param name="claims">A pod's claims of that mode, as "ns/name".</param>
internal sealed class VolumeRestrictionsFilter(Func<V1Pod, IReadOnlyList<string>> claims) : IFilterPolicy
{
    private static readonly Rejection Taken = Rejection.Resolvable(
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod");

    public string Name => "VolumeRestrictions";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.PodGone | ClusterChange.Storage;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster)
    {
        if (pod.Claims.Count == 0 || claims(pod.Pod) is not { Count: > 0 } own) return null;
        return new Filter(own, own.Sum(cluster.PodsWith));
    }

    /// <param name="users">How many times the claims are used by pods on nodes.</param>
    private sealed class Filter(IReadOnlyList<string> own, int users) : INodeFilter
    {
        private int _users = users;

        public Rejection? Reject(NodeState node) => _users > 0 ? Taken : null;

        public INodeFilter Fork() => new Filter(own, _users);

        public void Suppose(SchedulingPod other, NodeState node, int change) => _users += change * other.Claims.Count(own.Contains);
    }
}
