using ActorCluster.Network.Addresses;
using ActorCluster.Nodes.Pods;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Pods;

public class PodHostPortsTests
{
    [Fact]
    public void Ports_of_containers_and_sidecars_are_the_nodes_where_they_ask_for_it()
    {
        var pod = new V1Pod
        {
            Spec = new()
            {
                Containers =
                [
                    Container(
                        new() { ContainerPort = 80, HostPort = 8080 },
                        new() { ContainerPort = 53, HostPort = 5353, Protocol = "UDP", HostIP = "127.0.0.1" },
                        new() { ContainerPort = 5060, HostPort = 5060, Protocol = "SCTP" },
                        new() { ContainerPort = 90 },
                        new() { ContainerPort = 91, HostPort = 91, HostIP = "fd00::1" }),
                ],
                InitContainers = [Container(new V1ContainerPort { ContainerPort = 70, HostPort = 70 }), Sidecar(new V1ContainerPort { ContainerPort = 60, HostPort = 60, HostIP = "0.0.0.0" })],
            },
        };

        PodHostPorts.Of(pod, [IpAddress.Parse("10.244.1.2"), IpAddress.Parse("fd00:10:244:1::2")]).Select(port => $"{port.Protocol} {new SocketAddress(port.HostIp, port.Port)} {port.Target}").ShouldBe(
        [
            "Tcp 0.0.0.0:8080 10.244.1.2:80", "Udp 127.0.0.1:5353 10.244.1.2:53", "Sctp 0.0.0.0:5060 10.244.1.2:5060", "Tcp 0.0.0.0:60 10.244.1.2:60", // 0.0.0.0 is an address, and of one family
            "Tcp [::]:8080 [fd00:10:244:1::2]:80", "Sctp [::]:5060 [fd00:10:244:1::2]:5060", "Tcp [fd00::1]:91 [fd00:10:244:1::2]:91",
        ]);
    }

    private static V1Container Container(params V1ContainerPort[] ports) => new() { Name = "c", Ports = ports };

    private static V1Container Sidecar(V1ContainerPort port)
    {
        var container = Container(port);
        container.RestartPolicy = "Always";
        return container;
    }
}
