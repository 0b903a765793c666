using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Dns;

/// <summary>Takes questions by UDP and TCP at an address of a namespace, or at all, and sends a handler's answers.</summary>
public sealed class DnsServer : IAsyncDisposable
{
    /// <summary>A TCP connection without a question for this long is closed (RFC 7766, 6.2.3 asks for some seconds).</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What a datagram carries wherever it goes (DNS flag day 2020).</summary>
    private const int SafeUdpSize = 1232;

    private readonly SimulationContext _simulation;
    private readonly IUdpSocket _udp;
    private readonly ITcpListener _tcp;
    private readonly CancellationTokenSource _stopping = new();
    private volatile IDnsHandler _handler;

    private DnsServer(IUdpSocket udp, ITcpListener tcp, IDnsHandler handler, SimulationContext simulation)
    {
        (_udp, _tcp, _handler, _simulation) = (udp, tcp, handler, simulation);
        Completion = Task.WhenAll(simulation.Start(ServeUdpAsync), simulation.Start(ServeTcpAsync));
    }

    /// <summary>Completes when the server has stopped, by <see cref="DisposeAsync"/> or because its namespace is gone.</summary>
    public Task Completion { get; }

    /// <summary>Binds and starts to serve.</summary>
    /// <exception cref="SocketFaultException">AddressInUse: something else has the port.</exception>
    public static DnsServer Start(INetworkNamespace network, SocketAddress local, IDnsHandler handler, SimulationContext simulation)
    {
        var udp = network.BindUdp(local);
        try
        {
            return new(udp, network.ListenTcp(local), handler, simulation);
        }
        catch (SocketFaultException)
        {
            udp.Dispose();
            throw;
        }
    }

    /// <summary>From now on another one answers; what was asked before is answered by the one that was asked.</summary>
    public void Use(IDnsHandler handler) => _handler = handler;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelInOrderAsync();
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
                var answer = AnswerAsync(question.Payload, question.Remote, tcp: false);
                if (answer.IsCompletedSuccessfully) SendUdp(answer.Result, question.Remote);
                else _ = _simulation.Start(() => SendLaterAsync(answer.AsTask(), question.Remote));
            }
            catch (SocketFaultException fault) when (IsOfClient(fault))
            {
                // A client that didn't wait for its answer; the others do.
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketFaultException)
            {
                return;
            }
        }
    }

    /// <summary>For answers that others have to be asked for first: meanwhile the next questions have their turn.</summary>
    private async Task SendLaterAsync(Task<Reply?> answer, SocketAddress client)
    {
        try
        {
            SendUdp(await answer, client);
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketFaultException)
        {
            return; // the server ended meanwhile, or the client did
        }
    }

    private void SendUdp(Reply? reply, SocketAddress client)
    {
        if (reply is null) return;
        try
        {
            _udp.Send(DnsCodec.Encode(reply.Message, Math.Max(DnsCodec.PlainUdpSize, (int)(reply.LargestUdp ?? 0))), client);
        }
        catch (SocketFaultException fault) when (fault.Fault == SocketFault.MessageTooLong)
        {
            // The client takes more than a packet does: it will ask again by TCP.
            _udp.Send(DnsCodec.Encode(reply.Message, SafeUdpSize), client);
        }
    }

    private static bool IsOfClient(SocketFaultException fault) => fault.Fault is SocketFault.ConnectionRefused or SocketFault.HostUnreachable or SocketFault.NetworkUnreachable;

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
                if (await AnswerAsync(question, connection.Remote, tcp: true) is not { } reply) return;
                await connection.Output.WriteAsync(WithLength(DnsCodec.Encode(reply.Message)), _stopping.Token);
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
    private ValueTask<Reply?> AnswerAsync(ReadOnlyMemory<byte> question, SocketAddress client, bool tcp)
    {
        if (!DnsCodec.TryDecode(question, out var query, out var id))
            return new(question.Length < 12 || (question.Span[2] & 0x80) != 0 ? null : new Reply(new() { Id = id, IsResponse = true, ResponseCode = DnsResponseCode.FormatError }, null));
        if (query!.IsResponse) return default; // answering answers would never end
        var answer = _handler.AnswerAsync(new(query, client, tcp, question.Length), _stopping.Token);
        return answer.IsCompletedSuccessfully ? new(new Reply(answer.Result, query.UdpPayloadSize)) : LaterAsync();

        async ValueTask<Reply?> LaterAsync() => new(await answer, query.UdpPayloadSize);
    }

    /// <param name="LargestUdp">What the client takes by UDP, as it said by EDNS.</param>
    private sealed record Reply(DnsMessage Message, ushort? LargestUdp);
}
