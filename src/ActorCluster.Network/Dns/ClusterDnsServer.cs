using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Dns;

/// <summary>Answers the cluster's names on UDP and TCP port 53 of a namespace.</summary>
public sealed class ClusterDnsServer : IAsyncDisposable
{
    /// <summary>A TCP connection without a question for this long is closed (RFC 7766, 6.2.3 asks for some seconds).</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What a datagram carries wherever it goes (DNS flag day 2020).</summary>
    private const int SafeUdpSize = 1232;

    private readonly ClusterDnsZone _zone;
    private readonly ClusterDnsOptions _options;
    private readonly RandomSource _random;
    private readonly DnsStatistics? _statistics;
    private readonly NetworkTablesSource _tables;
    private readonly SimulationContext _simulation;
    private readonly IUdpSocket _udp;
    private readonly ITcpListener _tcp;
    private readonly CancellationTokenSource _stopping = new();

    private ClusterDnsServer(IUdpSocket udp, ITcpListener tcp, NetworkTablesSource tables, SimulationContext simulation, ClusterDnsOptions options, DnsStatistics? statistics)
    {
        (_udp, _tcp, _tables, _simulation, _options, _zone, _statistics) = (udp, tcp, tables, simulation, options, new(options), statistics);
        _random = simulation.Random.Child($"dns/{string.Join(',', options.ServerAddresses)}");
        Completion = Task.WhenAll(simulation.Start(ServeUdpAsync), simulation.Start(ServeTcpAsync));
    }

    /// <summary>Completes when the server has stopped, by <see cref="DisposeAsync"/> or because its namespace is gone.</summary>
    public Task Completion { get; }

    /// <summary>Binds and starts to serve.</summary>
    /// <exception cref="SocketFaultException">AddressInUse: something else has port 53.</exception>
    /// <param name="statistics">Is told of each answer.</param>
    public static ClusterDnsServer Start(
        INetworkNamespace network, NetworkTablesSource tables, SimulationContext simulation, ClusterDnsOptions? options = null, DnsStatistics? statistics = null)
    {
        options = (options ?? new()) with { ServerAddresses = [.. network.Addresses] };
        var local = new SocketAddress(IpAddress.AnyV6, options.Port);
        var udp = network.BindUdp(local);
        try
        {
            return new(udp, network.ListenTcp(local), tables, simulation, options, statistics);
        }
        catch (SocketFaultException)
        {
            udp.Dispose();
            throw;
        }
    }

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
                if (Answer(question.Payload) is { } answer) SendUdp(answer, question.Remote);
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

    private void SendUdp(DnsMessage answer, SocketAddress client)
    {
        _statistics?.Add(answer, tcp: false, client.Address.IsV4);
        try
        {
            _udp.Send(DnsCodec.Encode(answer, Math.Max(DnsCodec.PlainUdpSize, (int)(answer.UdpPayloadSize ?? 0))), client);
        }
        catch (SocketFaultException fault) when (fault.Fault == SocketFault.MessageTooLong)
        {
            // The client takes more than a packet does: it will ask again by TCP.
            _udp.Send(DnsCodec.Encode(answer, SafeUdpSize), client);
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
                if (Answer(question) is not { } answer) return;
                _statistics?.Add(answer, tcp: true, connection.Remote.Address.IsV4);
                await connection.Output.WriteAsync(WithLength(DnsCodec.Encode(answer)), _stopping.Token);
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
    private DnsMessage? Answer(ReadOnlyMemory<byte> question)
    {
        if (!DnsCodec.TryDecode(question, out var query, out var id))
            return question.Length < 12 || (question.Span[2] & 0x80) != 0 ? null : new() { Id = id, IsResponse = true, ResponseCode = DnsResponseCode.FormatError };
        if (query!.IsResponse) return null; // answering answers would never end
        var answer = _zone.Answer(query, _tables.Current);
        return !_options.Shuffles ? answer : answer with { Answers = Shuffled(answer.Answers), Additionals = Shuffled(answer.Additionals) };
    }

    /// <summary>Addresses in another order each time, behind all else (CoreDNS's plugin loadbalance).</summary>
    private ImmutableArray<DnsRecord> Shuffled(ImmutableArray<DnsRecord> records)
    {
        if (records.Length < 2) return records;
        DnsRecord[] addresses = [.. records.Where(record => record.Data is DnsData.Address)];
        for (var i = 0; i < addresses.Length - 1; i++)
        {
            var other = i + _random.Next(addresses.Length - i);
            (addresses[i], addresses[other]) = (addresses[other], addresses[i]);
        }
        return [.. records.Where(record => record.Data is not DnsData.Address), .. addresses];
    }
}
