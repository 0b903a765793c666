using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Dns;

/// <summary>Answers the cluster's names on UDP and TCP port 53 of a namespace.</summary>
public sealed class ClusterDnsServer : IAsyncDisposable
{
    /// <summary>A TCP connection without a question for this long is closed (RFC 7766, 6.2.3 asks for some seconds).</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    private readonly ClusterDnsZone _zone;
    private readonly NetworkTablesSource _tables;
    private readonly SimulationContext _simulation;
    private readonly IUdpSocket _udp;
    private readonly ITcpListener _tcp;
    private readonly CancellationTokenSource _stopping = new();

    private ClusterDnsServer(IUdpSocket udp, ITcpListener tcp, NetworkTablesSource tables, SimulationContext simulation, ClusterDnsOptions options)
    {
        (_udp, _tcp, _tables, _simulation, _zone) = (udp, tcp, tables, simulation, new(options));
        Completion = Task.WhenAll(simulation.Start(ServeUdpAsync), simulation.Start(ServeTcpAsync));
    }

    /// <summary>Completes when the server has stopped, by <see cref="DisposeAsync"/> or because its namespace is gone.</summary>
    public Task Completion { get; }

    /// <summary>Binds and starts to serve.</summary>
    /// <exception cref="SocketFaultException">AddressInUse: something else has port 53.</exception>
    public static ClusterDnsServer Start(INetworkNamespace network, NetworkTablesSource tables, SimulationContext simulation, ClusterDnsOptions? options = null)
    {
        options ??= new();
        var local = new SocketAddress(IpAddress.AnyV6, options.Port);
        var udp = network.BindUdp(local);
        try
        {
            return new(udp, network.ListenTcp(local), tables, simulation, options);
        }
        catch (SocketFaultException)
        {
            udp.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _udp.Dispose();
        await _tcp.DisposeAsync();
        await Completion;
        _stopping.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var question = await _udp.ReceiveAsync(_stopping.Token);
                if (Answer(question.Payload, udp: true) is { } answer) _udp.Send(answer, question.Remote);
            }
            catch (SocketFaultException fault) when (fault.Fault is SocketFault.ConnectionRefused or SocketFault.HostUnreachable or SocketFault.NetworkUnreachable)
            {
                // A client that didn't wait for its answer; the others do.
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketFaultException)
            {
                return;
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (await _tcp.AcceptAsync(_stopping.Token) is { } connection) _ = _simulation.Start(() => ServeConnectionAsync(connection));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketFaultException)
        {
            return;
        }
    }

    private async Task ServeConnectionAsync(ITcpConnection connection)
    {
        await using var _ = connection;
        try
        {
            while (await ReadMessageAsync(connection.Input) is { } question)
            {
                if (Answer(question, udp: false) is not { } answer) return;
                await connection.Output.WriteAsync(WithLength(answer), _stopping.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketFaultException or TimeoutException)
        {
            connection.Abort();
        }
    }

    /// <summary>A message behind its two bytes of length (RFC 1035, 4.2.2); null at the end.</summary>
    private async Task<byte[]?> ReadMessageAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync(_stopping.Token).AsTask().WaitAsync(IdleTimeout, _simulation.Clock, _stopping.Token);
            if (TryTakeMessage(result.Buffer, out var message, out var consumed))
            {
                input.AdvanceTo(consumed);
                return message;
            }
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted) return null;
        }
    }

    internal static bool TryTakeMessage(ReadOnlySequence<byte> buffer, out byte[]? message, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        (message, consumed) = (null, buffer.Start);
        if (!reader.TryReadBigEndian(out short length) || reader.Remaining < (ushort)length) return false;
        var content = buffer.Slice(reader.Position, (ushort)length);
        (message, consumed) = (content.ToArray(), content.End);
        return true;
    }

    internal static byte[] WithLength(byte[] message)
    {
        var bytes = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)message.Length);
        message.CopyTo(bytes, 2);
        return bytes;
    }

    /// <returns>Null: not worth an answer.</returns>
    private byte[]? Answer(ReadOnlyMemory<byte> question, bool udp)
    {
        if (!DnsCodec.TryDecode(question, out var query, out var id))
            return question.Length < 12 || (question.Span[2] & 0x80) != 0 ? null : DnsCodec.Encode(new() { Id = id, IsResponse = true, ResponseCode = DnsResponseCode.FormatError });
        if (query!.IsResponse) return null; // answering answers would never end
        var answer = _zone.Answer(query, _tables.Current);
        return DnsCodec.Encode(answer, udp ? Math.Max(DnsCodec.PlainUdpSize, (int)(query.UdpPayloadSize ?? 0)) : ushort.MaxValue);
    }
}
