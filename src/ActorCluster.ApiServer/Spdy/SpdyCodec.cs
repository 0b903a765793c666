using System.Buffers.Binary;

namespace ActorCluster.ApiServer.Spdy;

/// <summary>Reads frames off a connection.</summary>
internal sealed class SpdyFrameReader(Stream stream)
{
    private const int HeadLength = 8;
    private const int LargestFrame = 1024 * 1024;
    private const int InitialWindowSetting = 7;
    private readonly SpdyHeaderReader _headers = new();
    private readonly byte[] _head = new byte[HeadLength];

    /// <returns>Null at the end of the connection, between two frames.</returns>
    /// <exception cref="SpdyException">What comes is no frame, or ends in the middle of one.</exception>
    public async ValueTask<SpdyFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        var got = await stream.ReadAtLeastAsync(_head, HeadLength, throwOnEndOfStream: false, cancellationToken);
        if (got == 0) return null;
        if (got < HeadLength) throw new SpdyException("the connection ends in the middle of a frame");
        var first = BinaryPrimitives.ReadUInt32BigEndian(_head);
        var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4)) & 0xffffff);
        if (length > LargestFrame) throw new SpdyException($"a frame of {length} bytes is too large");
        var body = new byte[length];
        if (await stream.ReadAtLeastAsync(body, length, throwOnEndOfStream: false, cancellationToken) < length)
        {
            throw new SpdyException("the connection ends in the middle of a frame");
        }
        var fin = (_head[4] & SpdyFrameWriter.Fin) != 0;
        if ((first & SpdyFrameWriter.Control) == 0) return first == 0 ? throw new SpdyException("data on stream 0") : new SpdyFrame.Data(first, body, fin);
        if ((first >> 16 & 0x7fff) != SpdyFrameWriter.Version) throw new SpdyException($"SPDY version {first >> 16 & 0x7fff}");
        return Parse((SpdyFrameType)(first & 0xffff), fin, body);
    }

    private SpdyFrame Parse(SpdyFrameType type, bool fin, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case SpdyFrameType.SynStream:
                return new SpdyFrame.SynStream(StreamId(body, 10), _headers.Read(body[10..]), fin);
            case SpdyFrameType.SynReply:
                return new SpdyFrame.SynReply(StreamId(body, 4), _headers.Read(body[4..]), fin);
            case SpdyFrameType.Headers:
                return new SpdyFrame.MoreHeaders(StreamId(body, 4), _headers.Read(body[4..]), fin);
            case SpdyFrameType.RstStream:
                return new SpdyFrame.RstStream(StreamId(body, 8), (SpdyReset)BinaryPrimitives.ReadUInt32BigEndian(body[4..]));
            case SpdyFrameType.Ping:
                return new SpdyFrame.Ping(Number(body, 0));
            case SpdyFrameType.GoAway:
                return new SpdyFrame.GoAway(Number(body, 0) & SpdyFrameWriter.IdMask, Number(body, 4));
            case SpdyFrameType.WindowUpdate:
                var delta = (int)(Number(body, 4) & SpdyFrameWriter.IdMask);
                return delta > 0 ? new SpdyFrame.WindowUpdate(Number(body, 0) & SpdyFrameWriter.IdMask, delta) : throw new SpdyException("a window grows by nothing");
            case SpdyFrameType.Settings:
                return new SpdyFrame.Settings(InitialWindow(body));
            default:
                return new SpdyFrame.Unknown((int)type);
        }
    }

    private static int? InitialWindow(ReadOnlySpan<byte> body)
    {
        var count = Number(body, 0);
        if (count > (body.Length - 4) / 8) throw new SpdyException("settings end in the middle");
        int? window = null;
        for (var i = 0; i < count; i++)
        {
            if ((Number(body, 4 + i * 8) & 0xffffff) == InitialWindowSetting) window = (int)(Number(body, 8 + i * 8) & SpdyFrameWriter.IdMask);
        }
        return window;
    }

    private static uint StreamId(ReadOnlySpan<byte> body, int least)
    {
        if (body.Length < least) throw new SpdyException("a frame is too short");
        return BinaryPrimitives.ReadUInt32BigEndian(body) & SpdyFrameWriter.IdMask;
    }

    private static uint Number(ReadOnlySpan<byte> body, int at) =>
        body.Length >= at + 4 ? BinaryPrimitives.ReadUInt32BigEndian(body[at..]) : throw new SpdyException("a frame is too short");
}

internal enum SpdyFrameType : ushort
{
    SynStream = 1,
    SynReply = 2,
    RstStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    Headers = 8,
    WindowUpdate = 9,
}

/// <summary>Writes frames; one at a time, in the order in which they go out, because header blocks build on one another.</summary>
internal sealed class SpdyFrameWriter : IDisposable
{
    public const uint Control = 0x8000_0000;
    public const uint IdMask = 0x7fff_ffff;
    public const uint Version = 3;
    public const byte Fin = 1;
    private readonly SpdyHeaderWriter _headers = new();

    public byte[] Write(SpdyFrame frame) => frame switch
    {
        SpdyFrame.Data data => Frame(data.Id, data.Fin, data.Bytes.Span),
        SpdyFrame.SynStream syn => ControlFrame(SpdyFrameType.SynStream, syn.Fin, [.. Bytes(syn.Id, 0), 0, 0, .. _headers.Write(syn.Headers)]),
        SpdyFrame.SynReply reply => ControlFrame(SpdyFrameType.SynReply, reply.Fin, [.. Bytes(reply.Id), .. _headers.Write(reply.Headers)]),
        SpdyFrame.MoreHeaders headers => ControlFrame(SpdyFrameType.Headers, headers.Fin, [.. Bytes(headers.Id), .. _headers.Write(headers.Values)]),
        SpdyFrame.RstStream reset => ControlFrame(SpdyFrameType.RstStream, false, Bytes(reset.Id, (uint)reset.Status)),
        SpdyFrame.Ping ping => ControlFrame(SpdyFrameType.Ping, false, Bytes(ping.Id)),
        SpdyFrame.GoAway away => ControlFrame(SpdyFrameType.GoAway, false, Bytes(away.LastId, away.Status)),
        SpdyFrame.WindowUpdate update => ControlFrame(SpdyFrameType.WindowUpdate, false, Bytes(update.Id, (uint)update.Delta)),
        SpdyFrame.Settings { InitialWindow: { } window } => ControlFrame(SpdyFrameType.Settings, false, Bytes(1, 7, (uint)window)),
        SpdyFrame.Settings => ControlFrame(SpdyFrameType.Settings, false, Bytes(0)),
        _ => throw new ArgumentException($"{frame.GetType().Name} has no wire form", nameof(frame)),
    };

    public void Dispose() => _headers.Dispose();

    private static byte[] ControlFrame(SpdyFrameType type, bool fin, ReadOnlySpan<byte> body) => Frame(Control | Version << 16 | (uint)type, fin, body);

    private static byte[] Frame(uint first, bool fin, ReadOnlySpan<byte> body)
    {
        var bytes = new byte[8 + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, first);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), body.Length);
        if (fin) bytes[4] = Fin;
        body.CopyTo(bytes.AsSpan(8));
        return bytes;
    }

    private static byte[] Bytes(params ReadOnlySpan<uint> numbers)
    {
        var bytes = new byte[numbers.Length * 4];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), numbers[i]);
        return bytes;
    }
}
