using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Packets;

/// <summary>One IP packet, as a typed record: bytes exist only between processes and in captures. Immutable, so that actors may share it.</summary>
public abstract record Packet
{
    protected Packet(IpAddress source, IpAddress destination, byte timeToLive = 64)
        : this(new PacketEnds(source, 0, destination, 0), timeToLive) { }

    private protected Packet(PacketEnds ends, byte timeToLive) => (Ends, TimeToLive) = (ends, timeToLive);

    public IpAddress Source
    {
        get => Ends.Source;
        init => Ends = Ends with { Source = value };
    }

    public IpAddress Destination
    {
        get => Ends.Destination;
        init => Ends = Ends with { Destination = value };
    }

    public byte TimeToLive { get; init; }

    /// <summary>A bit of it has turned over on the way: its receiver's checksum finds it. What the fields say is what was sent.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>The bytes the packet would have on the wire, IP header included.</summary>
    public abstract int Length { get; }

    /// <summary>An object of its own, so that all packets of a connection share it and translation exchanges it: a packet is copied at every service.</summary>
    internal PacketEnds Ends { get; private protected init; }
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

/// <summary>A TCP segment (RFC 9293, 3.1). <see cref="MaximumSegmentSize"/> and <see cref="WindowScale"/> are the SYN's options, 0/null if absent.</summary>
public sealed record TcpPacket : Packet
{
    public TcpPacket(
        IpAddress source,
        IpAddress destination,
        ushort sourcePort,
        ushort destinationPort,
        uint sequence,
        uint acknowledgment,
        TcpFlags flags,
        ushort window,
        ReadOnlyMemory<byte> payload,
        ushort maximumSegmentSize = 0,
        byte? windowScale = null,
        byte timeToLive = 64)
        : this(new PacketEnds(source, sourcePort, destination, destinationPort), sequence, acknowledgment, flags, window, payload, maximumSegmentSize, windowScale, timeToLive) { }

    /// <param name="ends">Shared with the connection's other segments.</param>
    internal TcpPacket(
        PacketEnds ends,
        uint sequence,
        uint acknowledgment,
        TcpFlags flags,
        ushort window,
        ReadOnlyMemory<byte> payload,
        ushort maximumSegmentSize = 0,
        byte? windowScale = null,
        byte timeToLive = 64)
        : base(ends, timeToLive)
    {
        Sequence = sequence;
        Acknowledgment = acknowledgment;
        Flags = flags;
        Window = window;
        Payload = payload;
        MaximumSegmentSize = maximumSegmentSize;
        WindowScale = windowScale;
    }

    public ushort SourcePort
    {
        get => Ends.SourcePort;
        init => Ends = Ends with { SourcePort = value };
    }

    public ushort DestinationPort
    {
        get => Ends.DestinationPort;
        init => Ends = Ends with { DestinationPort = value };
    }

    public uint Sequence { get; init; }
    public uint Acknowledgment { get; init; }
    public TcpFlags Flags { get; init; }
    public ushort Window { get; init; }
    public ReadOnlyMemory<byte> Payload { get; init; }
    public ushort MaximumSegmentSize { get; init; }
    public byte? WindowScale { get; init; }

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
