using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.Serialization;

namespace ActorCluster.Network.Packets;

/// <summary>Chunks as the bytes of RFC 9260, 3.2 and 3.3: what captures show, and what goes between processes.</summary>
internal static class SctpChunkCodec
{
    private const int ChunkHeader = 4;
    private const ushort StateCookie = 7;

    /// <summary>The types of chunks, as the RFC numbers them.</summary>
    private enum Kind : byte
    {
        Data,
        Init,
        InitAck,
        Sack,
        Heartbeat,
        HeartbeatAck,
        Abort,
        Shutdown,
        ShutdownAck,
        Error,
        CookieEcho,
        CookieAck,
        ShutdownComplete = 14,
    }

    /// <summary>Bytes that the chunks take, each filled up to a multiple of four.</summary>
    public static int Length(ImmutableArray<SctpChunk> chunks)
    {
        var length = 0;
        foreach (var chunk in chunks) length += PaddedLength(chunk);
        return length;
    }

    public static int PaddedLength(SctpChunk chunk) => Padded(ChunkHeader + ValueLength(chunk));

    /// <summary>Writes the chunks to the beginning of <paramref name="to"/>, which has room for their length.</summary>
    public static void Write(Span<byte> to, ImmutableArray<SctpChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            var length = ChunkHeader + ValueLength(chunk);
            var (kind, flags) = Head(chunk);
            (to[0], to[1]) = ((byte)kind, flags);
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)length);
            WriteValue(to[ChunkHeader..length], chunk);
            to[length..Padded(length)].Clear();
            to = to[Padded(length)..];
        }
    }

    /// <summary>Reads chunks up to the end; their payloads stay slices of <paramref name="bytes"/>.</summary>
    /// <exception cref="SerializationException">The bytes are damaged, or hold what only other implementations send.</exception>
    public static ImmutableArray<SctpChunk> Read(ReadOnlyMemory<byte> bytes)
    {
        var chunks = ImmutableArray.CreateBuilder<SctpChunk>(1);
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < ChunkHeader) throw Damaged();
            var head = bytes.Span;
            int length = BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
            if (length < ChunkHeader || Padded(length) > bytes.Length) throw Damaged();
            chunks.Add(ReadChunk((Kind)head[0], head[1], bytes[ChunkHeader..length]));
            bytes = bytes[Padded(length)..];
        }
        return chunks.DrainToImmutable();
    }

    private static int Padded(int length) => (length + 3) & ~3;

    private static int ValueLength(SctpChunk chunk) => chunk switch
    {
        SctpData data => SctpData.HeaderLength - ChunkHeader + data.Payload.Length,
        SctpInit => 16,
        SctpInitAck answer => 16 + 4 + answer.Cookie.Length,
        SctpSack sack => 12 + 4 * (sack.Gaps.Length + sack.Duplicates.Length),
        SctpHeartbeat heartbeat => 4 + heartbeat.Information.Length,
        SctpHeartbeatAck heartbeat => 4 + heartbeat.Information.Length,
        SctpAbort abort => Length(abort.Causes),
        SctpError error => Length(error.Causes),
        SctpShutdown => 4,
        SctpCookieEcho echo => echo.Cookie.Length,
        _ => 0,
    };

    private static int Length(ImmutableArray<SctpCause> causes)
    {
        var length = 0;
        foreach (var cause in causes) length = Padded(length) + 4 + cause.Information.Length;
        return length;
    }

    private static (Kind Kind, byte Flags) Head(SctpChunk chunk) => chunk switch
    {
        SctpData data => (Kind.Data, (byte)data.Flags),
        SctpInit => (Kind.Init, 0),
        SctpInitAck => (Kind.InitAck, 0),
        SctpSack => (Kind.Sack, 0),
        SctpHeartbeat => (Kind.Heartbeat, 0),
        SctpHeartbeatAck => (Kind.HeartbeatAck, 0),
        SctpAbort abort => (Kind.Abort, abort.TagIsReflected ? (byte)1 : (byte)0),
        SctpShutdown => (Kind.Shutdown, 0),
        SctpShutdownAck => (Kind.ShutdownAck, 0),
        SctpError => (Kind.Error, 0),
        SctpCookieEcho => (Kind.CookieEcho, 0),
        SctpCookieAck => (Kind.CookieAck, 0),
        SctpShutdownComplete complete => (Kind.ShutdownComplete, complete.TagIsReflected ? (byte)1 : (byte)0),
        _ => throw new SerializationException($"No wire form for {chunk.GetType()}."),
    };

    private static void WriteValue(Span<byte> to, SctpChunk chunk)
    {
        switch (chunk)
        {
            case SctpData data:
                BinaryPrimitives.WriteUInt32BigEndian(to, data.Tsn);
                BinaryPrimitives.WriteUInt16BigEndian(to[4..], data.Stream);
                BinaryPrimitives.WriteUInt16BigEndian(to[6..], data.StreamSequence);
                BinaryPrimitives.WriteUInt32BigEndian(to[8..], data.PayloadProtocol);
                data.Payload.Span.CopyTo(to[12..]);
                break;
            case SctpInit init:
                WriteInit(to, init.Tag, init.Window, init.OutboundStreams, init.InboundStreams, init.InitialTsn);
                break;
            case SctpInitAck answer:
                WriteInit(to, answer.Tag, answer.Window, answer.OutboundStreams, answer.InboundStreams, answer.InitialTsn);
                WriteParameter(to[16..], StateCookie, answer.Cookie.Span);
                break;
            case SctpSack sack:
                BinaryPrimitives.WriteUInt32BigEndian(to, sack.CumulativeTsn);
                BinaryPrimitives.WriteUInt32BigEndian(to[4..], sack.Window);
                BinaryPrimitives.WriteUInt16BigEndian(to[8..], (ushort)sack.Gaps.Length);
                BinaryPrimitives.WriteUInt16BigEndian(to[10..], (ushort)sack.Duplicates.Length);
                to = to[12..];
                foreach (var gap in sack.Gaps)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(to, gap.Start);
                    BinaryPrimitives.WriteUInt16BigEndian(to[2..], gap.End);
                    to = to[4..];
                }
                foreach (var duplicate in sack.Duplicates)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(to, duplicate);
                    to = to[4..];
                }
                break;
            case SctpHeartbeat heartbeat: WriteParameter(to, 1, heartbeat.Information.Span); break;
            case SctpHeartbeatAck heartbeat: WriteParameter(to, 1, heartbeat.Information.Span); break;
            case SctpAbort abort: WriteCauses(to, abort.Causes); break;
            case SctpError error: WriteCauses(to, error.Causes); break;
            case SctpShutdown shutdown: BinaryPrimitives.WriteUInt32BigEndian(to, shutdown.CumulativeTsn); break;
            case SctpCookieEcho echo: echo.Cookie.Span.CopyTo(to); break;
            default: break; // the others are their header alone
        }
    }

    private static void WriteInit(Span<byte> to, uint tag, uint window, ushort outbound, ushort inbound, uint initialTsn)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, tag);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], window);
        BinaryPrimitives.WriteUInt16BigEndian(to[8..], outbound);
        BinaryPrimitives.WriteUInt16BigEndian(to[10..], inbound);
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], initialTsn);
    }

    private static void WriteParameter(Span<byte> to, ushort type, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, type);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)(4 + value.Length));
        value.CopyTo(to[4..]);
    }

    private static void WriteCauses(Span<byte> to, ImmutableArray<SctpCause> causes)
    {
        to.Clear();
        foreach (var (code, information) in causes)
        {
            WriteParameter(to, (ushort)code, information.Span);
            to = to[Math.Min(Padded(4 + information.Length), to.Length)..];
        }
    }

    private static SctpChunk ReadChunk(Kind kind, byte flags, ReadOnlyMemory<byte> value)
    {
        var span = value.Span;
        switch (kind)
        {
            case Kind.Data:
                Expect(span.Length >= 12);
                return new SctpData((SctpDataFlags)flags, UInt32(span), UInt16(span[4..]), UInt16(span[6..]), UInt32(span[8..]), value[12..]);
            case Kind.Init:
                Expect(span.Length == 16);
                return new SctpInit(UInt32(span), UInt32(span[4..]), UInt16(span[8..]), UInt16(span[10..]), UInt32(span[12..]));
            case Kind.InitAck:
                Expect(span.Length >= 16);
                return new SctpInitAck(UInt32(span), UInt32(span[4..]), UInt16(span[8..]), UInt16(span[10..]), UInt32(span[12..]), ReadParameter(value[16..], StateCookie));
            case Kind.Sack: return ReadSack(span);
            case Kind.Heartbeat: return new SctpHeartbeat(ReadParameter(value, 1));
            case Kind.HeartbeatAck: return new SctpHeartbeatAck(ReadParameter(value, 1));
            case Kind.Abort: return new SctpAbort((flags & 1) != 0, ReadCauses(value));
            case Kind.Shutdown:
                Expect(span.Length == 4);
                return new SctpShutdown(UInt32(span));
            case Kind.ShutdownAck: return new SctpShutdownAck();
            case Kind.Error: return new SctpError(ReadCauses(value));
            case Kind.CookieEcho: return new SctpCookieEcho(value);
            case Kind.CookieAck: return new SctpCookieAck();
            case Kind.ShutdownComplete: return new SctpShutdownComplete((flags & 1) != 0);
            default: throw new SerializationException($"Unknown SCTP chunk {(byte)kind}.");
        }
    }

    private static SctpSack ReadSack(ReadOnlySpan<byte> span)
    {
        Expect(span.Length >= 12);
        var (gapCount, duplicateCount) = (UInt16(span[8..]), UInt16(span[10..]));
        Expect(span.Length == 12 + 4 * (gapCount + duplicateCount));
        var gaps = ImmutableArray.CreateBuilder<SctpGap>(gapCount);
        var duplicates = ImmutableArray.CreateBuilder<uint>(duplicateCount);
        for (var i = 0; i < gapCount; i++) gaps.Add(new(UInt16(span[(12 + 4 * i)..]), UInt16(span[(14 + 4 * i)..])));
        for (var i = gapCount; i < gapCount + duplicateCount; i++) duplicates.Add(UInt32(span[(12 + 4 * i)..]));
        return new(UInt32(span), UInt32(span[4..]), gaps.MoveToImmutable(), duplicates.MoveToImmutable());
    }

    /// <summary>The one parameter that there must be.</summary>
    private static ReadOnlyMemory<byte> ReadParameter(ReadOnlyMemory<byte> bytes, ushort type)
    {
        Expect(bytes.Length >= 4 && UInt16(bytes.Span) == type && UInt16(bytes.Span[2..]) == bytes.Length);
        return bytes[4..];
    }

    private static ImmutableArray<SctpCause> ReadCauses(ReadOnlyMemory<byte> bytes)
    {
        var causes = ImmutableArray.CreateBuilder<SctpCause>();
        while (!bytes.IsEmpty)
        {
            Expect(bytes.Length >= 4);
            int length = UInt16(bytes.Span[2..]);
            Expect(length >= 4 && length <= bytes.Length);
            causes.Add(new((SctpCauseCode)UInt16(bytes.Span), bytes[4..length]));
            bytes = bytes[Math.Min(Padded(length), bytes.Length)..];
        }
        return causes.DrainToImmutable();
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static void Expect(bool isTrue)
    {
        if (!isTrue) throw Damaged();
    }

    private static SerializationException Damaged() => new("These are no SCTP chunks.");
}
