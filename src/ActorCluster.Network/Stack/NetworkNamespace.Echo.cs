using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

// Echo requests (RFC 792, RFC 4443): an identifier for each who asks, as Linux's ping sockets have one, and a sequence number for each request.
public sealed partial class NetworkNamespace
{
    /// <summary>The most data of an echo request (65535 less an IPv4 header and an ICMP header).</summary>
    private const int LargestEcho = 65507;

    private Dictionary<(ushort Identifier, ushort Sequence), Waiter<(long At, byte TimeToLive)>>? _pings;
    private HashSet<ushort>? _echoIdentifiers;

    public IEchoSocket OpenEcho()
    {
        Enter();
        try
        {
            ThrowIfDisposed();
            _echoIdentifiers ??= [];
            if (_echoIdentifiers.Count > ushort.MaxValue) throw new SocketFaultException(SocketFault.AddressInUse);
            ushort identifier;
            do identifier = (ushort)Random.Next(ushort.MaxValue + 1);
            while (!_echoIdentifiers.Add(identifier));
            return new EchoSocket(this, identifier);
        }
        finally
        {
            Leave();
        }
    }

    private async Task<EchoReply?> EchoAsync(ushort identifier, ushort sequence, IpAddress remote, int payloadBytes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        if (payloadBytes > LargestEcho) throw new SocketFaultException(SocketFault.MessageTooLong);
        var waiter = new Waiter<(long At, byte TimeToLive)>();
        var id = (identifier, sequence);
        long sent;
        Enter();
        try
        {
            ThrowIfDisposed();
            var source = SourceFor(remote);
            // After 65,536 requests the numbers begin again: whoever still waits for that one waits in vain.
            (_pings ??= [])[id] = waiter;
            sent = Now;
            Transmit(new IcmpPacket(source, remote, IcmpKind.EchoRequest, identifier, sequence, new byte[payloadBytes]));
        }
        finally
        {
            Leave();
        }
        CancelWith(waiter, cancellationToken);
        try
        {
            var (at, timeToLive) = await waiter.Task.WaitAsync(timeout, _simulation.Clock, cancellationToken);
            return new EchoReply(TimeSpan.FromTicks(at - sent), timeToLive);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            Enter();
            if (_pings?.GetValueOrDefault(id) == waiter) _pings.Remove(id);
            Leave();
        }
    }

    private void CloseEcho(ushort identifier)
    {
        Enter();
        _echoIdentifiers?.Remove(identifier);
        Leave();
    }

    private sealed class EchoSocket(NetworkNamespace network, ushort identifier) : IEchoSocket
    {
        private int _sent;

        public Task<EchoReply?> EchoAsync(IpAddress remote, int payloadBytes, TimeSpan timeout, CancellationToken cancellationToken) =>
            network.EchoAsync(identifier, unchecked((ushort)(Interlocked.Increment(ref _sent) - 1)), remote, payloadBytes, timeout, cancellationToken);

        public void Dispose() => network.CloseEcho(identifier);
    }
}
