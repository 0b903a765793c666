using System.Collections.Immutable;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Network.Links;

/// <summary>The packets that wait to go to one other process. Safe for concurrent use.</summary>
/// <remarks>
/// The first packet starts a drain; what comes while that runs goes along with it. A lone packet leaves at once, and under load batches
/// grow by themselves. They go by a direct connection where there is one, else by Akka; at the change from one to the other, packets may overtake
/// each other, as they may on any network.
/// </remarks>
/// <param name="peer">The other process's <see cref="PacketLinkActor"/>.</param>
/// <param name="asker">Gets the other's offer of a direct connection; null: none is wanted.</param>
/// <param name="own">This process's Akka address.</param>
internal sealed class OutgoingPackets(IActorRef peer, IActorRef? asker, string own, SimulationContext simulation, PacketLinkCounters counters)
{
    /// <summary>More than this waits for nobody: it is lost, as in the queue of a network card.</summary>
    private const int LongestQueue = 65_536;

    /// <summary>How often the other process is asked for a direct connection while there is none.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a direct connection may take to come about.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private List<RoutedPacket> _waiting = [];
    private List<RoutedPacket> _draining = [];
    private bool _scheduled;
    private DirectConnection? _direct;
    private bool _connecting;
    private long? _asked;

    public bool IsDirect
    {
        get { lock (_lock) return _direct is not null; }
    }

    public void Add(RoutedPacket packet)
    {
        lock (_lock)
        {
            if (_waiting.Count >= LongestQueue)
            {
                counters.AddLost(1);
                return;
            }
            _waiting.Add(packet);
            if (_scheduled) return;
            _scheduled = true;
        }
        simulation.Pipes.Schedule(static state => _ = ((OutgoingPackets)state!).DrainAsync(), this);
    }

    /// <summary>The other process says where a direct connection may go.</summary>
    public async Task ConnectAsync(DirectLinkOffer offer)
    {
        lock (_lock)
        {
            if (_direct is not null || _connecting) return;
            _connecting = true;
        }
        using var late = new CancellationTokenSource(ConnectTimeout, simulation.Clock);
        var connection = peer.Path.Address.Host is { } host ? await DirectConnection.ConnectAsync(host, offer, own, late.Token) : null;
        lock (_lock) (_direct, _connecting) = (connection, false);
    }

    /// <summary>The other process can't be reached, or has been replaced: a connection to it may hang for long.</summary>
    public void Disconnect()
    {
        DirectConnection? former;
        lock (_lock) (former, _direct) = (_direct, null);
        former?.Dispose();
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            DirectConnection? direct;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _scheduled = false;
                    return;
                }
                (_waiting, _draining) = (_draining, _waiting);
                direct = _direct;
            }
            if (direct is null) SendByAkka();
            else await SendAsync(direct);
            _draining.Clear();
        }
    }

    private async ValueTask SendAsync(DirectConnection direct)
    {
        try
        {
            await direct.SendAsync(CollectionsMarshal.AsSpan(_draining));
            counters.AddSent(_draining.Count);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // Lost, as what is on a wire when it is cut.
            counters.AddLost(_draining.Count);
            lock (_lock)
            {
                if (ReferenceEquals(_direct, direct)) _direct = null;
            }
            direct.Dispose();
        }
    }

    private void SendByAkka()
    {
        AskForDirect();
        for (ReadOnlySpan<RoutedPacket> left = CollectionsMarshal.AsSpan(_draining); !left.IsEmpty;)
        {
            var count = PacketBatch.LengthOfFirst(left);
            peer.Tell(new PacketBatch(ImmutableArray.Create(left[..count])), ActorRefs.NoSender);
            counters.AddSent(count);
            left = left[count..];
        }
    }

    private void AskForDirect()
    {
        if (asker is null || (_asked is { } asked && simulation.Clock.GetElapsedTime(asked) < AskInterval)) return;
        _asked = simulation.Clock.GetTimestamp();
        peer.Tell(new GetDirectLink(), asker);
    }
}
