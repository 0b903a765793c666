using System.Collections.Immutable;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Links;

/// <summary>Packets on their way to the nodes of another process, in order.</summary>
internal sealed record PacketBatch(ImmutableArray<RoutedPacket> Packets)
{
    private const int Largest = 256;

    /// <summary>Leaves room for Akka's envelope in a frame of its default 128,000 bytes. A packet has at most 64 KiB.</summary>
    private const int LargestBytes = 100_000;

    /// <summary>How many of the packets that wait, at least one, go into the next batch.</summary>
    public static int LengthOfFirst(ReadOnlySpan<RoutedPacket> waiting)
    {
        var (count, bytes) = (0, 0);
        while (count < waiting.Length && count < Largest)
        {
            bytes += PacketCodec.Size(waiting[count].Packet) + 2;
            if (bytes > LargestBytes && count > 0) break;
            count++;
        }
        return count;
    }
}

/// <param name="Node">The name of the node it goes to.</param>
internal readonly record struct RoutedPacket(string Node, Packet Packet);
