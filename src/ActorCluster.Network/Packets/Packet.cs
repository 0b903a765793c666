using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Packets;

/// <summary>One IP packet, as a typed record: bytes exist only between processes and in captures. Immutable, so that actors may share it.</summary>
public abstract record Packet(IpAddress Source, IpAddress Destination, byte TimeToLive = 64)
{
    /// <summary>The bytes the packet would have on the wire, IP header included.</summary>
    public abstract int Length { get; }
}

[Flags]
public enum TcpFlags : byte
{
    None = 0,
    Fin = 0x01,
    Syn = 0x02,
    Rst = 0x04,
    Psh = 0x08,
    Ack = 0x10,
    Urg = 0x20,
}

/// <summary>A TCP segment (RFC 9293, 3.1). <paramref name="MaximumSegmentSize"/> and <paramref name="WindowScale"/> are the SYN's options, 0/null if absent.</summary>
public sealed record TcpPacket(
    IpAddress Source,
    IpAddress Destination,
    ushort SourcePort,
    ushort DestinationPort,
    uint Sequence,
    uint Acknowledgment,
    TcpFlags Flags,
    ushort Window,
    ReadOnlyMemory<byte> Payload,
    ushort MaximumSegmentSize = 0,
    byte? WindowScale = null,
    byte TimeToLive = 64) : Packet(Source, Destination, TimeToLive)
{
    public override int Length => (Source.IsV4 ? 20 : 40) + 20 + (MaximumSegmentSize != 0 ? 4 : 0) + (WindowScale is not null ? 4 : 0) + Payload.Length;
}

public sealed record UdpPacket(
    IpAddress Source,
    IpAddress Destination,
    ushort SourcePort,
    ushort DestinationPort,
    ReadOnlyMemory<byte> Payload,
    byte TimeToLive = 64) : Packet(Source, Destination, TimeToLive)
{
    public override int Length => (Source.IsV4 ? 20 : 40) + 8 + Payload.Length;
}

/// <summary>ICMP or ICMPv6. For errors, <paramref name="Original"/> is the packet that caused it.</summary>
public sealed record IcmpPacket(
    IpAddress Source,
    IpAddress Destination,
    IcmpKind Kind,
    ushort Identifier,
    ushort SequenceNumber,
    ReadOnlyMemory<byte> Payload,
    Packet? Original = null,
    byte TimeToLive = 64) : Packet(Source, Destination, TimeToLive)
{
    /// <summary>The most that an error quotes: of an IPv4 packet its header and 8 bytes (RFC 792), of an IPv6 packet what fits into 1280 bytes (RFC 4443, 2.4).</summary>
    internal int LargestQuote => Source.IsV4 ? 20 + 8 : 1280 - 40 - 8;

    public override int Length => (Source.IsV4 ? 20 : 40) + 8 + (Original is null ? Payload.Length : Math.Min(Original.Length, LargestQuote));
}

public enum IcmpKind : byte
{
    EchoReply,
    EchoRequest,
    NetworkUnreachable,
    HostUnreachable,
    PortUnreachable,
    TimeExceeded,
}
