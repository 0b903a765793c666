using ActorCluster.Api.Selectors;
using ActorCluster.Controllers.Scheduling.Devices;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Devices that the pod claims (plugins/dynamicresources).</summary>
internal sealed class DynamicResourcesFilter(PodDevices devices) : IFilterPolicy
{
    private static readonly Rejection NoDevice = Rejection.Final("cannot allocate all claims");
    private static readonly Rejection OutOfReach = Rejection.Final("resourceclaim not available on the node");

    public string Name => "DynamicResources";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeLabels | ClusterChange.Devices;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster) => pod.Pod.Spec.ResourceClaims is { Count: > 0 }
        ? new Filter(devices.Prevents(pod.Pod), devices.Unallocated(pod.Pod).Any(), [.. devices.Places(pod.Pod)])
        : null;

    private sealed class Filter(string? nowhere, bool isUnallocated, IReadOnlyList<V1NodeSelector> places) : INodeFilter
    {
        public string? Nowhere => nowhere;

        public Rejection? Reject(NodeState node)
        {
            if (!places.All(place => place.NodeSelectorTerms.Any(term => NodeSelectors.Matches(term, node.Node)))) return OutOfReach;
            return isUnallocated ? NoDevice : null;
        }
    }
}
