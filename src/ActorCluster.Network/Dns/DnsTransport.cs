using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Dns;

/// <summary>One question to one server and its answer, over a namespace's sockets.</summary>
public sealed class DnsTransport(INetworkNamespace network, TimeProvider clock, RandomSource random)
{
    /// <summary>What we take by UDP (DNS flag day 2020).</summary>
    private const ushort OfferedUdpSize = 1232;

    /// <param name="tcp">TCP from the start; else only after a truncated answer.</param>
    /// <returns>Null: no answer in time, or the server can't be reached.</returns>
    public async Task<DnsAnswer?> AskAsync(SocketAddress server, DnsQuestion question, bool recursionDesired, bool tcp, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var query = new DnsMessage
        {
            Id = (ushort)random.Next(65536),
            RecursionDesired = recursionDesired,
            Questions = [question],
            UdpPayloadSize = OfferedUdpSize,
        };
        var started = clock.GetTimestamp();
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (message, size) = tcp ? await OverTcpAsync(server, query, either.Token) : await OverUdpAsync(server, query, either.Token);
            if (message.Truncated && !tcp) (message, size) = await OverTcpAsync(server, query, either.Token);
            return new(message, server, question.Name, clock.GetElapsedTime(started), size);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (SocketFaultException fault) when (fault.Fault != SocketFault.NamespaceGone)
        {
            return null; // nobody there: as good as silence, only sooner
        }
    }

    /// <summary>Hands a query on to another server, under an Id of its own, and its answer back; a truncated one as it is.</summary>
    /// <exception cref="DnsExchangeException">There was none.</exception>
    public async Task<DnsMessage> ForwardAsync(SocketAddress server, DnsMessage query, bool tcp, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var handed = query with { Id = (ushort)random.Next(65536) };
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (message, _) = tcp ? await OverTcpAsync(server, handed, either.Token) : await OverUdpAsync(server, handed, either.Token);
            return message with { Id = query.Id, UdpPayloadSize = query.UdpPayloadSize, DnssecOk = query.DnssecOk };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DnsExchangeException(server, tcp, null);
        }
        catch (SocketFaultException fault) when (fault.Fault != SocketFault.NamespaceGone)
        {
            throw new DnsExchangeException(server, tcp, fault);
        }
    }

    private async Task<(DnsMessage Message, int Size)> OverUdpAsync(SocketAddress server, DnsMessage query, CancellationToken cancellationToken)
    {
        using var socket = network.BindUdp(new(server.Address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, 0));
        socket.Send(DnsCodec.Encode(query), server);
        while (true)
        {
            var datagram = await socket.ReceiveAsync(cancellationToken);
            // What doesn't fit the question is not its answer, whoever sent it (RFC 5452, 9.1).
            if (datagram.Remote == server && DnsCodec.TryDecode(datagram.Payload, out var message, out _) && IsAnswer(message!, query)) return (message!, datagram.Payload.Length);
        }
    }

    private async Task<(DnsMessage Message, int Size)> OverTcpAsync(SocketAddress server, DnsMessage query, CancellationToken cancellationToken)
    {
        await using var connection = await network.ConnectTcpAsync(server, cancellationToken: cancellationToken);
        await connection.Output.WriteAsync(DnsServer.WithLength(DnsCodec.Encode(query)), cancellationToken);
        while (true)
        {
            var result = await connection.Input.ReadAsync(cancellationToken);
            if (DnsServer.TryTakeMessage(result.Buffer, out var bytes, out var consumed))
            {
                connection.Input.AdvanceTo(consumed);
                if (DnsCodec.TryDecode(bytes, out var message, out _) && IsAnswer(message!, query)) return (message!, bytes!.Length);
                throw new SocketFaultException(SocketFault.ConnectionAborted);
            }
            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted) throw new SocketFaultException(SocketFault.ConnectionReset);
        }
    }

    private static bool IsAnswer(DnsMessage message, DnsMessage query) =>
        message.IsResponse && message.Id == query.Id
        && (message.Questions.IsEmpty // a server that could not even read the question
            ? message.ResponseCode != DnsResponseCode.NoError
            : message.Questions[0].Type == query.Questions[0].Type && message.Questions[0].Name.Equals(query.Questions[0].Name, StringComparison.OrdinalIgnoreCase));
}
