using System.Collections.Immutable;
using ActorCluster.Api.Pods;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>The ports of its node that a pod's containers ask for (pkg/kubelet/container/helpers.go, MakePortMappings). Pure.</summary>
internal static class PodHostPorts
{
    /// <param name="addresses">The pod's. A port without hostIP is one for each family; with one, 0.0.0.0 and :: among them, it is one of that address's family.</param>
    public static ImmutableArray<HostPort> Of(V1Pod pod, ImmutableArray<IpAddress> addresses) =>
    [
        .. from address in addresses
           from port in WantedHostPort.Declared(pod.Spec)
           where port.HostPort <= ushort.MaxValue
           let hostIp = IpAddress.TryParse(port.HostIP, out var given) ? given : address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6
           where hostIp.IsV4 == address.IsV4
           select new HostPort(hostIp, (ushort)port.HostPort!.Value, IpProtocols.OfPort(port.Protocol), new(address, (ushort)port.ContainerPort)),
    ];
}
