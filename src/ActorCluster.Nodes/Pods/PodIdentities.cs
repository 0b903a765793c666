using System.Collections.Immutable;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>What a pod is to the node's network.</summary>
internal static class PodIdentities
{
    public static PodIdentity Of(V1Pod pod) => new(pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name,
        pod.Metadata.Labels?.AsReadOnly() ?? (IReadOnlyDictionary<string, string>)ImmutableSortedDictionary<string, string>.Empty,
        [
            .. pod.Spec.Containers.Concat((pod.Spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always"))
                .SelectMany(container => container.Ports ?? []).Where(port => port.Name is { Length: > 0 })
                .Select(port => new NamedPort(port.Name, IpProtocols.OfPort(port.Protocol), (ushort)port.ContainerPort)),
        ]);
}
