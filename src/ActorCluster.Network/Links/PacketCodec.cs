using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Links;

/// <summary>Packets as bytes between processes: ours, not the Internet's (no checksums, addresses of either family), all numbers big-endian.</summary>
internal static class PacketCodec
{
    private const byte Tcp = 1;
    private const byte Udp = 2;
    private const byte Icmp = 3;
    private const byte Sctp = 4;
    private const byte KindMask = 0x0f;
    private const byte SourceIsV6 = 0x10;
    private const byte DestinationIsV6 = 0x20;
    private const byte IsDamaged = 0x40;

    /// <summary>Errors about errors don't exist, so what an ICMP error quotes quotes nothing itself.</summary>
    private const int DeepestQuote = 1;

    public static byte[] Encode(Packet packet)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Size(packet));
        var writer = new Writer(bytes);
        writer.Write(packet);
        return bytes;
    }

    public static Packet DecodePacket(byte[] bytes)
    {
        var reader = new Reader(bytes);
        var packet = reader.ReadPacket(0);
        reader.ExpectEnd();
        return packet;
    }

    public static byte[] Encode(PacketBatch batch)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Size(batch.Packets.AsSpan()));
        Encode(batch.Packets.AsSpan(), bytes);
        return bytes;
    }

    /// <summary>Writes packets as a batch.</summary>
    /// <param name="bytes">At least <see cref="Size(ReadOnlySpan{RoutedPacket})"/>.</param>
    /// <returns>The bytes written.</returns>
    public static int Encode(ReadOnlySpan<RoutedPacket> packets, Span<byte> bytes)
    {
        var nodes = NodesOf(packets);
        var writer = new Writer(bytes);
        writer.Write((ushort)nodes.Count);
        foreach (var node in nodes) writer.Write(node);
        writer.Write((ushort)packets.Length);
        foreach (var (node, packet) in packets)
        {
            writer.Write((ushort)nodes.IndexOf(node));
            writer.Write(packet);
        }
        return bytes.Length - writer.Left;
    }

    /// <summary>The bytes that packets take as a batch.</summary>
    public static int Size(ReadOnlySpan<RoutedPacket> packets)
    {
        var size = 4;
        foreach (var (_, packet) in packets) size += 2 + Size(packet);
        foreach (var node in NodesOf(packets)) size += 1 + Encoding.UTF8.GetByteCount(node);
        return size;
    }

    /// <summary>A process hosts few nodes, and neighbours in a batch mostly go to the same one.</summary>
    private static List<string> NodesOf(ReadOnlySpan<RoutedPacket> packets)
    {
        var nodes = new List<string>(4);
        foreach (var (node, _) in packets)
            if (!nodes.Contains(node)) nodes.Add(node);
        return nodes;
    }

    /// <summary>The payloads of the packets stay slices of <paramref name="bytes"/>.</summary>
    /// <exception cref="SerializationException">The bytes are damaged.</exception>
    public static PacketBatch DecodeBatch(byte[] bytes)
    {
        var reader = new Reader(bytes);
        var nodes = new string[reader.ReadCount(1)];
        for (var i = 0; i < nodes.Length; i++) nodes[i] = reader.ReadString();
        var count = reader.ReadCount(2);
        var packets = ImmutableArray.CreateBuilder<RoutedPacket>(count);
        for (var i = 0; i < count; i++)
        {
            var node = reader.ReadUInt16();
            if (node >= nodes.Length) throw new SerializationException("A packet for a node that its batch doesn't name.");
            packets.Add(new(nodes[node], reader.ReadPacket(0)));
        }
        reader.ExpectEnd();
        return new(packets.MoveToImmutable());
    }

    /// <summary>The bytes that a packet takes in a batch.</summary>
    public static int Size(Packet packet) => 2 + (packet.Source.IsV4 ? 4 : 16) + (packet.Destination.IsV4 ? 4 : 16) + packet switch
    {
        TcpPacket tcp => 4 + 8 + 1 + 2 + 2 + 1 + 4 + tcp.Payload.Length,
        UdpPacket udp => 4 + 4 + udp.Payload.Length,
        SctpPacket sctp => 4 + 4 + 4 + SctpChunkCodec.Length(sctp.Chunks),
        IcmpPacket icmp => 1 + 4 + 4 + icmp.Payload.Length + 1 + (icmp.Original is null ? 0 : Size(icmp.Original)),
        _ => throw new SerializationException($"No wire form for {packet.GetType()}."),
    };

    private ref struct Writer(Span<byte> bytes)
    {
        private Span<byte> _left = bytes;

        public readonly int Left => _left.Length;

        public void Write(Packet packet)
        {
            var kind = packet switch { TcpPacket => Tcp, UdpPacket => Udp, SctpPacket => Sctp, _ => Icmp };
            Write((byte)(kind | (packet.Source.IsV4 ? 0 : SourceIsV6) | (packet.Destination.IsV4 ? 0 : DestinationIsV6) | (packet.IsDamaged ? IsDamaged : 0)));
            Write(packet.TimeToLive);
            _left = _left[packet.Source.WriteBytes(_left)..];
            _left = _left[packet.Destination.WriteBytes(_left)..];
            switch (packet)
            {
                case TcpPacket tcp:
                    Write(tcp.SourcePort);
                    Write(tcp.DestinationPort);
                    Write(tcp.Sequence);
                    Write(tcp.Acknowledgment);
                    Write((byte)tcp.Flags);
                    Write(tcp.Window);
                    Write(tcp.MaximumSegmentSize);
                    Write(tcp.WindowScale ?? byte.MaxValue);
                    Write(tcp.Payload.Span);
                    break;
                case UdpPacket udp:
                    Write(udp.SourcePort);
                    Write(udp.DestinationPort);
                    Write(udp.Payload.Span);
                    break;
                case SctpPacket sctp:
                    Write(sctp.SourcePort);
                    Write(sctp.DestinationPort);
                    Write(sctp.VerificationTag);
                    var length = SctpChunkCodec.Length(sctp.Chunks);
                    Write((uint)length);
                    SctpChunkCodec.Write(_left, sctp.Chunks);
                    _left = _left[length..];
                    break;
                case IcmpPacket icmp:
                    Write((byte)icmp.Kind);
                    Write(icmp.Identifier);
                    Write(icmp.SequenceNumber);
                    Write(icmp.Payload.Span);
                    Write((byte)(icmp.Original is null ? 0 : 1));
                    if (icmp.Original is not null) Write(icmp.Original);
                    break;
                default: throw new SerializationException($"No wire form for {packet.GetType()}.");
            }
        }

        public void Write(string text)
        {
            var count = Encoding.UTF8.GetBytes(text, _left[1..]);
            if (count > byte.MaxValue) throw new SerializationException($"The name '{text}' is too long.");
            _left[0] = (byte)count;
            _left = _left[(1 + count)..];
        }

        public void Write(ushort value)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_left, value);
            _left = _left[2..];
        }

        private void Write(byte value)
        {
            _left[0] = value;
            _left = _left[1..];
        }

        private void Write(uint value)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_left, value);
            _left = _left[4..];
        }

        private void Write(ReadOnlySpan<byte> payload)
        {
            Write((uint)payload.Length);
            payload.CopyTo(_left);
            _left = _left[payload.Length..];
        }
    }

    private ref struct Reader(byte[] bytes)
    {
        private int _position;

        public Packet ReadPacket(int depth)
        {
            var head = ReadByte();
            var packet = ReadPacket(head, depth);
            return (head & IsDamaged) != 0 ? packet with { IsDamaged = true } : packet;
        }

        private Packet ReadPacket(byte head, int depth)
        {
            var timeToLive = ReadByte();
            var source = ReadAddress((head & SourceIsV6) != 0);
            var destination = ReadAddress((head & DestinationIsV6) != 0);
            switch (head & KindMask)
            {
                case Tcp:
                    var (sourcePort, destinationPort, sequence, acknowledgment) = (ReadUInt16(), ReadUInt16(), ReadUInt32(), ReadUInt32());
                    var (flags, window, segmentSize, scale) = ((TcpFlags)ReadByte(), ReadUInt16(), ReadUInt16(), ReadByte());
                    return new TcpPacket(source, destination, sourcePort, destinationPort, sequence, acknowledgment, flags, window, ReadPayload(),
                        segmentSize, scale == byte.MaxValue ? null : scale, timeToLive);
                case Udp:
                    return new UdpPacket(source, destination, ReadUInt16(), ReadUInt16(), ReadPayload(), timeToLive);
                case Sctp:
                    return new SctpPacket(source, destination, ReadUInt16(), ReadUInt16(), ReadUInt32(), SctpChunkCodec.Read(ReadPayload()), timeToLive);
                case Icmp:
                    var kind = (IcmpKind)ReadByte();
                    if (!Enum.IsDefined(kind)) throw new SerializationException($"Unknown kind of ICMP message {kind}.");
                    var (identifier, number, payload) = (ReadUInt16(), ReadUInt16(), ReadPayload());
                    var quotes = ReadByte() != 0;
                    if (quotes && depth >= DeepestQuote) throw new SerializationException("An ICMP error about an ICMP error.");
                    return new IcmpPacket(source, destination, kind, identifier, number, payload, quotes ? ReadPacket(depth + 1) : null, timeToLive);
                default:
                    throw new SerializationException($"Unknown kind of packet {head & KindMask}.");
            }
        }

        /// <summary>A count of things that take at least <paramref name="least"/> bytes each: damaged counts mustn't make us allocate.</summary>
        public int ReadCount(int least)
        {
            var count = ReadUInt16();
            if (count * least > bytes.Length - _position) throw TooShort();
            return count;
        }

        public string ReadString()
        {
            var length = ReadByte();
            return Encoding.UTF8.GetString(Take(length));
        }

        public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

        public readonly void ExpectEnd()
        {
            if (_position != bytes.Length) throw new SerializationException("More bytes than packets.");
        }

        private uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

        private byte ReadByte() => Take(1)[0];

        private IpAddress ReadAddress(bool v6) => v6
            ? new(BinaryPrimitives.ReadUInt64BigEndian(Take(8)), BinaryPrimitives.ReadUInt64BigEndian(Take(8)))
            : IpAddress.FromV4(ReadUInt32());

        private ReadOnlyMemory<byte> ReadPayload()
        {
            var length = ReadUInt32();
            if (length > bytes.Length - _position) throw TooShort();
            var payload = bytes.AsMemory(_position, (int)length);
            _position += (int)length;
            return payload;
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > bytes.Length - _position) throw TooShort();
            var span = bytes.AsSpan(_position, count);
            _position += count;
            return span;
        }

        private static SerializationException TooShort() => new("The bytes end in the middle of a packet.");
    }
}
