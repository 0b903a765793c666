using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Forwarding;

/// <summary>What makes packets one flow in one direction.</summary>
internal readonly record struct FlowKey(IpAddress Source, IpAddress Destination, ushort SourcePort, ushort DestinationPort, IpProtocol Protocol)
{
    public FlowKey(PacketEnds ends, IpProtocol protocol) : this(ends.Source, ends.Destination, ends.SourcePort, ends.DestinationPort, protocol) { }

    public PacketEnds ToEnds() => new(Source, SourcePort, Destination, DestinationPort);

    public FlowKey Reversed => new(Destination, Source, DestinationPort, SourcePort, Protocol);

    /// <summary>TCP's, UDP's and SCTP's packets belong to flows; ICMP's are looked up by what they are about.</summary>
    public static bool TryOf(Packet packet, out FlowKey key)
    {
        switch (packet)
        {
            case TcpPacket tcp:
                key = new(tcp.Ends, IpProtocol.Tcp);
                return true;
            case UdpPacket udp:
                key = new(udp.Source, udp.Destination, udp.SourcePort, udp.DestinationPort, IpProtocol.Udp);
                return true;
            case SctpPacket sctp:
                key = new(sctp.Source, sctp.Destination, sctp.SourcePort, sctp.DestinationPort, IpProtocol.Sctp);
                return true;
            default:
                key = default;
                return false;
        }
    }

    // `in`: for comparing keys where they lie.
    public bool Matches(in FlowKey other) =>
        Destination.Low == other.Destination.Low && Source.Low == other.Source.Low
        && SourcePort == other.SourcePort && DestinationPort == other.DestinationPort && Protocol == other.Protocol
        && Destination.High == other.Destination.High && Source.High == other.Source.High;

    /// <summary>Is this the other direction of what has these ends?</summary>
    public bool MatchesReversed(PacketEnds ends) =>
        Destination.Low == ends.Source.Low && Source.Low == ends.Destination.Low && SourcePort == ends.DestinationPort && DestinationPort == ends.SourcePort
        && Destination.High == ends.Source.High && Source.High == ends.Destination.High;

    /// <summary>Written out, as is the hash: both run for every packet, and what the compiler makes of a record of records is slower.</summary>
    public bool Equals(FlowKey other) => Matches(other);

    public override int GetHashCode()
    {
        var addresses = (Source.Low * 0x9E3779B97F4A7C15) ^ Source.High ^ (Destination.Low << 32 | Destination.Low >> 32) ^ Destination.High;
        var rest = (ulong)SourcePort << 24 | (ulong)DestinationPort << 8 | (ulong)Protocol;
        return (int)((addresses ^ rest) * 0xD6E8FEB86659FD93 >> 32);
    }

    public override string ToString() => $"{Protocol.ToString().ToUpperInvariant()} {new SocketAddress(Source, SourcePort)} > {new SocketAddress(Destination, DestinationPort)}";
}
