using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorCluster.Benchmarks.Api;

/// <summary>
/// One HTTP/2 connection over TLS that posts JSON to one path, one request after the other, and costs as little as a load generator's client can: the frames of a
/// request are put together in one buffer and sent in one write, of an answer only its status and its end are looked at (RFC 9113, RFC 7541), and its thread sleeps until it comes.
/// </summary>
/// <remarks>A request is far smaller than the server's window, which the server opens again as it reads; the own window is as large as the protocol allows and opened again in time.</remarks>
internal sealed class LeanClient : IDisposable
{
    private const int FrameHead = 9;
    private const int LargestFrame = 16 * 1024;
    private const int OpenWindowEvery = 1 << 30;

    private readonly SslStream _stream;
    private readonly byte[] _fields;
    private readonly byte[] _request = new byte[2 * (FrameHead + LargestFrame)];
    private readonly byte[] _answers = new byte[4 * (FrameHead + LargestFrame)];
    private int _start;
    private int _end;
    private uint _streamId = 1;
    private int _sinceWindowOpened;

    private LeanClient(SslStream stream, byte[] fields) => (_stream, _fields) = (stream, fields);

    private enum FrameType : byte
    {
        Data = 0,
        Headers = 1,
        Reset = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
    }

    public static LeanClient Connect(Uri address, string path, X509Certificate2 own, X509Certificate2 authority)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Parse(address.Host), address.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        stream.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = address.Host,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ClientCertificates = [own],
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
        });
        // SETTINGS_HEADER_TABLE_SIZE 0, so that no answer's fields depend on an earlier one's; SETTINGS_INITIAL_WINDOW_SIZE 1 MB; and a connection's window of almost 2 GB.
        stream.Write((byte[])
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
            0, 0, 12, (byte)FrameType.Settings, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0, 16, 0, 0,
            0, 0, 4, (byte)FrameType.WindowUpdate, 0, 0, 0, 0, 0, 0x7F, 0, 0, 0,
        ]);
        return new LeanClient(stream, FieldsOf(address, path));
    }

    /// <exception cref="InvalidOperationException">Another answer than 201.</exception>
    public void Post(ReadOnlySpan<byte> body)
    {
        _stream.Write(_request.AsSpan(0, WriteRequest(body)));
        var status = 0;
        while (true)
        {
            while (TryTakeFrame(out var type, out var flags, out var payload))
            {
                if (type is FrameType.Settings && (flags & 1) == 0) Send(FrameType.Settings, 1, []);
                if (type is FrameType.Ping && (flags & 1) == 0) Send(FrameType.Ping, 1, payload);
                if (type is FrameType.GoAway or FrameType.Reset) throw new InvalidOperationException($"The server ended it by a frame {type}.");
                if (type is FrameType.Headers && status == 0) status = StatusOf(payload);
                if (type is FrameType.Data && status != 201) throw new InvalidOperationException($"Answered {status}: {Encoding.UTF8.GetString(payload)}");
                if (type is FrameType.Data) Count(payload.Length);
                if (type is not (FrameType.Headers or FrameType.Data) || (flags & 1) == 0) continue;
                _streamId += 2;
                return;
            }
            ReadMore();
        }
    }

    public void Dispose() => _stream.Dispose();

    private static byte[] FieldsOf(Uri address, string path)
    {
        // Indexed :method POST and :scheme https; literals without indexing for the rest.
        var fields = new List<byte> { 0x83, 0x87, 0x04 };
        AddText(path);
        fields.Add(0x01);
        AddText(address.Authority);
        fields.Add(0x00);
        AddText("content-type");
        AddText("application/json");
        return [.. fields];

        void AddText(string text)
        {
            if (text.Length > 126) throw new ArgumentException($"'{text}' is longer than one byte can say.", nameof(path));
            fields.Add((byte)text.Length);
            fields.AddRange(Encoding.ASCII.GetBytes(text));
        }
    }

    private int WriteRequest(ReadOnlySpan<byte> body)
    {
        const byte endOfHeaders = 4;
        const byte endOfStream = 1;
        var at = WriteFrame(_request, FrameType.Headers, endOfHeaders, _streamId, _fields);
        return at + WriteFrame(_request.AsSpan(at), FrameType.Data, endOfStream, _streamId, body);
    }

    private static int WriteFrame(Span<byte> to, FrameType type, byte flags, uint streamId, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, (uint)payload.Length << 8 | (byte)type);
        to[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(to[5..], streamId);
        payload.CopyTo(to[FrameHead..]);
        return FrameHead + payload.Length;
    }

    private void Send(FrameType type, byte flags, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHead + payload.Length];
        WriteFrame(frame, type, flags, 0, payload);
        _stream.Write(frame);
    }

    private void Count(int bytes)
    {
        if ((_sinceWindowOpened += bytes) < OpenWindowEvery) return;
        var increment = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, _sinceWindowOpened);
        _sinceWindowOpened = 0;
        Send(FrameType.WindowUpdate, 0, increment);
    }

    private bool TryTakeFrame(out FrameType type, out byte flags, out ReadOnlySpan<byte> payload)
    {
        (type, flags) = (default, 0);
        payload = default;
        ReadOnlySpan<byte> there = _answers.AsSpan(_start.._end);
        if (there.Length < FrameHead) return false;
        var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(there) >> 8);
        if (there.Length < FrameHead + length) return false;
        (type, flags) = ((FrameType)there[3], there[4]);
        payload = there.Slice(FrameHead, length);
        _start += FrameHead + length;
        return true;
    }

    private void ReadMore()
    {
        _answers.AsSpan(_start.._end).CopyTo(_answers);
        (_start, _end) = (0, _end - _start);
        var read = _stream.Read(_answers.AsSpan(_end));
        if (read == 0) throw new InvalidOperationException("The server closed the connection.");
        _end += read;
    }

    /// <summary>:status is the first field: one of the static table, or a literal of three digits.</summary>
    private static int StatusOf(ReadOnlySpan<byte> fields)
    {
        // An update of the table's size may come before it.
        while ((fields[0] & 0xE0) == 0x20) fields = fields[1..];
        ReadOnlySpan<int> known = [200, 204, 206, 304, 400, 404, 500];
        if ((fields[0] & 0x80) != 0) return known[(fields[0] & 0x7F) - 8];
        return int.Parse(fields.Slice(2, 3), provider: null);
    }
}
