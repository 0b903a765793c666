using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Tests.Forwarding;

/// <summary>Two nodes, n1 with 10.244.1.0/24 and fd00:10:244:1::/64 and n2 with 10.244.2.0/24 and fd00:10:244:2::/64, and whatever services a test wants.</summary>
internal static class TestTables
{
    public static readonly IpAddress Node1 = IpAddress.Parse("172.18.0.2");
    public static readonly IpAddress Node2 = IpAddress.Parse("172.18.0.3");
    public static readonly IpAddress Pod11 = IpAddress.Parse("10.244.1.2");
    public static readonly IpAddress Pod12 = IpAddress.Parse("10.244.1.3");
    public static readonly IpAddress Pod21 = IpAddress.Parse("10.244.2.2");
    public static readonly IpAddress ServiceIp = IpAddress.Parse("10.96.0.50");

    public static readonly IpAddress Node1V6 = IpAddress.Parse("fc00:f853:ccd:e793::2");
    public static readonly IpAddress Node2V6 = IpAddress.Parse("fc00:f853:ccd:e793::3");
    public static readonly IpAddress Pod11V6 = IpAddress.Parse("fd00:10:244:1::2");
    public static readonly IpAddress Pod12V6 = IpAddress.Parse("fd00:10:244:1::3");
    public static readonly IpAddress Pod21V6 = IpAddress.Parse("fd00:10:244:2::2");
    public static readonly IpAddress ServiceIpV6 = IpAddress.Parse("fd00:10:96::50");

    public static readonly NodeAddresses Node1Addresses = new(Node1, Node1V6);

    public static readonly NetworkTables TwoNodes = NetworkTables.Empty
        .WithNode(new("n1", [Node1, Node1V6], "akka://here", [IpNetwork.Parse("10.244.1.0/24"), IpNetwork.Parse("fd00:10:244:1::/64")]))
        .WithNode(new("n2", [Node2, Node2V6], "akka://there", [IpNetwork.Parse("10.244.2.0/24"), IpNetwork.Parse("fd00:10:244:2::/64")]));

    public static NetworkTables WithService(this NetworkTables tables, params IpAddress[] ready) => tables.WithService(Service("web", ServiceIp, ready));

    public static ServiceEntry Service(string name, IpAddress address, params IpAddress[] ready) =>
        new("default", name, [address], null, [Port(name, IpProtocol.Tcp, address.IsV4, ready), Port(name, IpProtocol.Udp, address.IsV4, ready), Port(name, IpProtocol.Sctp, address.IsV4, ready)]);

    /// <summary>A service of both families at NodePort 30080; each endpoint is one of its address's family.</summary>
    public static ServiceEntry DualStackService(params IpAddress[] ready) => new("default", "web", [ServiceIp, ServiceIpV6], null,
    [
        .. from v4 in (bool[])[true, false]
           from protocol in (IpProtocol[])[IpProtocol.Tcp, IpProtocol.Udp]
           select Port("web", protocol, v4, [.. ready.Where(address => address.IsV4 == v4)]) with { NodePort = 30080 },
    ]);

    public static TcpPacket Syn(IpAddress from, IpAddress to, ushort sourcePort = 40000, ushort port = 80) =>
        new(from, to, sourcePort, port, 1, 0, TcpFlags.Syn, 1000, default, 1460);

    public static TcpPacket Segment(IpAddress from, IpAddress to, ushort sourcePort, ushort port, TcpFlags flags = TcpFlags.Ack) =>
        new(from, to, sourcePort, port, 1, 1, flags, 1000, default);

    public static SctpPacket Carrying(IpAddress from, IpAddress to, ushort sourcePort, ushort port, SctpChunk chunk) => new(from, to, sourcePort, port, 1, [chunk]);

    private static ServicePort Port(string name, IpProtocol protocol, bool v4, IpAddress[] ready) =>
        new($"default/{name}", "", protocol, 80, v4, [.. ready.Select(address => new ServiceEndpoint(address, 8080, "n1"))], ImmutableArray<ServiceEndpoint>.Empty);
}
