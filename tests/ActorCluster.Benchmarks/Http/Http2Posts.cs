using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorCluster.Benchmarks.Http;

/// <summary>
/// HTTP/2 (RFC 9113) over TLS as load generators speak it: one POST at a time to one path, with a head that is made once. A number of them on one thread cost a fraction of what general
/// clients do, so that what is measured beside them on the same machine is the server.
/// </summary>
internal sealed class Http2Posts : IDisposable
{
    private const int FrameHeaderSize = 9;
    private const byte EndStream = 1;
    private const byte Acknowledgement = 1;
    private const byte EndHeaders = 4;

    /// <summary>Of a connection and of a stream, before anybody says otherwise (section 6.9.2).</summary>
    private const int InitialWindow = 65_535;

    /// <summary>What the server may send before the window is opened again, in bytes.</summary>
    private const int ReceiveWindow = 1 << 30;

    private readonly Socket _socket;
    private readonly SslStream _stream;
    private readonly byte[] _head;
    private readonly byte[] _input = new byte[64 * 1024];
    private readonly byte[] _output = new byte[16 * 1024];
    private int _start;
    private int _end;
    private int _nextStream = 1;
    private long _sendWindow = InitialWindow;
    private int _received;

    private Http2Posts(Socket socket, SslStream stream, byte[] head)
    {
        _socket = socket;
        _stream = stream;
        _head = head;
    }

    private enum FrameType : byte
    {
        Data = 0,
        Headers = 1,
        ResetStream = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
    }

    /// <param name="own">The client's certificate.</param>
    /// <param name="authority">Who signed the server's.</param>
    public static Http2Posts Connect(Uri address, string path, X509Certificate2 own, X509Certificate2 authority)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        stream.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = address.Host,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ClientCertificates = [own],
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
        });
        var posts = new Http2Posts(socket, stream, HeadOf(address.Authority, path));
        posts.Begin();
        return posts;
    }

    /// <summary>Keeps all of them busy for a while, on a thread of its own.</summary>
    /// <param name="json">Makes the next body.</param>
    /// <returns>Answers a second.</returns>
    /// <exception cref="IOException">An answer isn't <paramref name="expected"/>, or a connection ended.</exception>
    public static Task<double> RunAsync(IReadOnlyList<Http2Posts> clients, TimeSpan duration, Func<byte[]> json, HttpStatusCode expected) => Task.Factory.StartNew(
        () =>
        {
            var waiting = clients.ToDictionary(client => client._socket);
            var (ready, answers, clock) = (new List<Socket>(), 0L, Stopwatch.StartNew());
            foreach (var client in clients) client.Send(json());
            while (waiting.Count > 0)
            {
                ready.Clear();
                ready.AddRange(waiting.Keys);
                if (ready.Count > 1) Socket.Select(ready, null, null, -1);
                var isOver = clock.Elapsed >= duration;
                foreach (var socket in ready)
                {
                    var status = waiting[socket].Receive();
                    if (status != (int)expected) throw new IOException($"The server answered with {status}.");
                    answers++;
                    if (isOver) waiting.Remove(socket);
                    else waiting[socket].Send(json());
                }
            }

            return answers / clock.Elapsed.TotalSeconds;
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private void Send(ReadOnlySpan<byte> json)
    {
        while (_sendWindow < json.Length) ReadFrame(out _);
        _sendWindow -= json.Length;
        var length = WriteFrame(_output, FrameType.Headers, EndHeaders, _nextStream, _head);
        length += WriteFrame(_output.AsSpan(length), FrameType.Data, EndStream, _nextStream, json);
        _nextStream += 2;
        _stream.Write(_output, 0, length);
    }

    /// <summary>Waits for the whole answer: where some of it is there, the rest is on its way.</summary>
    /// <returns>Its status.</returns>
    private int Receive()
    {
        var status = 0;
        while (true)
        {
            if (ReadFrame(out var ended) is { } read) status = read;
            if (ended) return status;
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>HPACK (RFC 7541): nothing compressed, and nothing that the other side would have to remember.</summary>
    private static byte[] HeadOf(string authority, string path)
    {
        var head = new MemoryStream();
        // Indexed in the static table: POST, https.
        head.Write([0x83, 0x87]);
        // With a name of the static table: :authority, :path, content-type.
        Literal(1, authority);
        Literal(4, path);
        Literal(31, "application/json");
        return head.ToArray();

        void Literal(int name, string value)
        {
            if (value.Length > 126) throw new ArgumentException($"'{value}' is too long for one byte of length.", nameof(value));
            if (name < 15) head.WriteByte((byte)name);
            else head.Write([0x0f, (byte)(name - 15)]);
            head.WriteByte((byte)value.Length);
            head.Write(Encoding.ASCII.GetBytes(value));
        }
    }

    private static int WriteFrame(Span<byte> output, FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32BigEndian(output, (payload.Length << 8) | (int)type);
        output[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(output[5..], stream);
        payload.CopyTo(output[FrameHeaderSize..]);
        return FrameHeaderSize + payload.Length;
    }

    private void Begin()
    {
        Span<byte> settings = stackalloc byte[12];
        // SETTINGS_HEADER_TABLE_SIZE: answers' heads are to be read without what came before. SETTINGS_INITIAL_WINDOW_SIZE.
        BinaryPrimitives.WriteInt16BigEndian(settings, 1);
        BinaryPrimitives.WriteInt32BigEndian(settings[2..], 0);
        BinaryPrimitives.WriteInt16BigEndian(settings[6..], 4);
        BinaryPrimitives.WriteInt32BigEndian(settings[8..], ReceiveWindow);
        _stream.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Send(FrameType.Settings, 0, settings);
        OpenWindow(ReceiveWindow - InitialWindow);
    }

    private void OpenWindow(int bytes)
    {
        Span<byte> increment = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, bytes);
        Send(FrameType.WindowUpdate, 0, increment);
    }

    /// <summary>A frame of the connection.</summary>
    private void Send(FrameType type, byte flags, ReadOnlySpan<byte> payload) => _stream.Write(_output, 0, WriteFrame(_output, type, flags, 0, payload));

    /// <param name="ended">It was the answer's last.</param>
    /// <returns>The answer's status, if its head was in the frame.</returns>
    private int? ReadFrame(out bool ended)
    {
        Fill(FrameHeaderSize);
        var header = _input.AsSpan(_start, FrameHeaderSize);
        var length = BinaryPrimitives.ReadInt32BigEndian(header) >>> 8;
        var (type, flags, ofConnection) = ((FrameType)header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header[5..]) == 0);
        Fill(FrameHeaderSize + length);
        var payload = _input.AsSpan(_start + FrameHeaderSize, length);
        _start += FrameHeaderSize + length;
        ended = type is FrameType.Headers or FrameType.Data && (flags & EndStream) != 0;
        switch (type)
        {
            case FrameType.Headers:
                return StatusOf(payload);
            case FrameType.Data:
                _received += length;
                if (_received < ReceiveWindow / 2) break;
                OpenWindow(_received);
                _received = 0;
                break;
            case FrameType.WindowUpdate when ofConnection:
                _sendWindow += BinaryPrimitives.ReadInt32BigEndian(payload);
                break;
            case FrameType.Settings when flags != Acknowledgement:
                Send(FrameType.Settings, Acknowledgement, []);
                break;
            case FrameType.Ping when flags != Acknowledgement:
                Send(FrameType.Ping, Acknowledgement, payload);
                break;
            case FrameType.ResetStream:
                throw new IOException($"The server reset the stream, error {BinaryPrimitives.ReadInt32BigEndian(payload)}.");
            case FrameType.GoAway:
                throw new IOException($"The server broke the connection off, error {BinaryPrimitives.ReadInt32BigEndian(payload[4..])}.");
        }

        return null;
    }

    /// <summary>The first field of a head: the status, as an index of the static table or as text.</summary>
    private static int StatusOf(ReadOnlySpan<byte> head)
    {
        // Changes of the table's size may come before.
        while ((head[0] & 0xe0) == 0x20) head = head[1..];
        return head[0] switch
        {
            0x88 => 200,
            0x89 => 204,
            0x8a => 206,
            0x8b => 304,
            0x8c => 400,
            0x8d => 404,
            0x8e => 500,
            0x08 or 0x18 when head[1] == 3 => int.Parse(head[2..5], CultureInfo.InvariantCulture),
            _ => throw new IOException($"The head of an answer doesn't begin with a status that can be read: {Convert.ToHexString(head)}"),
        };
    }

    /// <summary>Reads until there are that many bytes.</summary>
    private void Fill(int bytes)
    {
        if (_start + bytes > _input.Length)
        {
            _input.AsSpan(_start.._end).CopyTo(_input);
            (_start, _end) = (0, _end - _start);
        }

        while (_end - _start < bytes)
        {
            if (_start == _end) _start = _end = 0;
            var read = _stream.Read(_input, _end, _input.Length - _end);
            if (read == 0) throw new IOException("The server closed the connection.");
            _end += read;
        }
    }
}
