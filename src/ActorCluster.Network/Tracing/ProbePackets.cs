using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Tracing;

/// <summary>What a trace sends: the first packet of a conversation.</summary>
public static class ProbePackets
{
    /// <param name="protocol">tcp, udp, sctp, or icmp for an echo request.</param>
    /// <returns>Null: there is no such protocol.</returns>
    public static Packet? Of(string protocol, IpAddress source, IpAddress destination, ushort sourcePort, ushort port, byte timeToLive = 64) => protocol switch
    {
        "tcp" => new TcpPacket(source, destination, sourcePort, port, 1, 0, TcpFlags.Syn, ushort.MaxValue, default, 1460, timeToLive: timeToLive),
        "udp" => new UdpPacket(source, destination, sourcePort, port, default, timeToLive),
        "sctp" => new SctpPacket(source, destination, sourcePort, port, 0, [new SctpInit(1, ushort.MaxValue, 1, 1, 1)], timeToLive),
        "icmp" => new IcmpPacket(source, destination, IcmpKind.EchoRequest, 0, 1, default, TimeToLive: timeToLive),
        _ => null,
    };
}
