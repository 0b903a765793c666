using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Akka.Actor;

namespace ActorCluster.Network.Links;

/// <summary>The packets that wait to go to one other process. Safe for concurrent use.</summary>
/// <remarks>
/// The first packet starts a drain; what comes while that runs goes along with it. A lone packet leaves at once, and under load batches
/// grow by themselves.
/// </remarks>
internal sealed class OutgoingPackets(IActorRef peer, PipeScheduler scheduler, PacketLinkCounters counters)
{
    private const int LargestBatch = 256;

    /// <summary>Leaves room for Akka's envelope in a frame of its default 128,000 bytes. A packet has at most 64 KiB.</summary>
    private const int LargestBatchBytes = 100_000;

    /// <summary>More than this waits for nobody: it is lost, as in the queue of a network card.</summary>
    private const int LongestQueue = 65_536;

    private readonly Lock _lock = new();
    private List<RoutedPacket> _waiting = [];
    private List<RoutedPacket> _draining = [];
    private bool _scheduled;

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
        scheduler.Schedule(static state => ((OutgoingPackets)state!).Drain(), this);
    }

    private void Drain()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _scheduled = false;
                    return;
                }
                (_waiting, _draining) = (_draining, _waiting);
            }
            for (var start = 0; start < _draining.Count;)
            {
                var end = start;
                var bytes = 0;
                while (end < _draining.Count && end - start < LargestBatch)
                {
                    bytes += PacketCodec.Size(_draining[end].Packet) + 2;
                    if (bytes > LargestBatchBytes && end > start) break;
                    end++;
                }
                peer.Tell(new PacketBatch(ImmutableArray.Create(CollectionsMarshal.AsSpan(_draining)[start..end])), ActorRefs.NoSender);
                counters.AddSent(end - start);
                start = end;
            }
            _draining.Clear();
        }
    }
}
