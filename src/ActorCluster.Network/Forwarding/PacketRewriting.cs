using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Forwarding;

/// <summary>Copies of packets with other addresses: what NAT and routing do to a header.</summary>
internal static class PacketRewriting
{
    /// <summary>The same packet as part of another flow.</summary>
    public static Packet WithFlow(this Packet packet, in FlowKey flow) => packet.WithEnds(flow.ToEnds(), packet.TimeToLive);

    /// <summary>The same packet as part of another flow, with so much left of its time to live.</summary>
    /// <param name="ends">The flow's, for packets that share them.</param>
    public static Packet WithEnds(this Packet packet, PacketEnds ends, byte timeToLive) => packet switch
    {
        // Spelled out: `with` copies every field once more than needed, and this is the hot path of services.
        TcpPacket tcp => new TcpPacket(ends, tcp.Sequence, tcp.Acknowledgment, tcp.Flags, tcp.Window, tcp.Payload, tcp.MaximumSegmentSize, tcp.WindowScale, timeToLive) { IsDamaged = tcp.IsDamaged },
        UdpPacket udp => new UdpPacket(ends.Source, ends.Destination, ends.SourcePort, ends.DestinationPort, udp.Payload, timeToLive) { IsDamaged = udp.IsDamaged },
        SctpPacket sctp => new SctpPacket(ends.Source, ends.Destination, ends.SourcePort, ends.DestinationPort, sctp.VerificationTag, sctp.Chunks, timeToLive) { IsDamaged = sctp.IsDamaged },
        _ => packet,
    };

    /// <summary>The packet one hop on (RFC 791, 3.2).</summary>
    public static Packet OneHopOn(this Packet packet) => packet with { TimeToLive = (byte)(packet.TimeToLive - 1) };

    /// <summary>What a node answers to a packet that it refuses: RST for a segment, else an ICMP error; null where an answer is forbidden.</summary>
    public static Packet? Refusal(Packet packet, IcmpKind kind, IpAddress node) => packet switch
    {
        TcpPacket tcp when kind == IcmpKind.PortUnreachable => tcp.Flags.HasFlag(TcpFlags.Rst) ? null : Tcp.TcpConnectionMachine.ResetFor(tcp),
        // No errors about errors (RFC 1122, 3.2.2).
        IcmpPacket { Kind: not (IcmpKind.EchoRequest or IcmpKind.EchoReply) } => null,
        _ when packet.Source.IsAny => null,
        _ => new IcmpPacket(node, packet.Source, kind, 0, 0, default, packet),
    };
}
