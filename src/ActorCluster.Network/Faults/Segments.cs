using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Faults;

/// <summary>Large segments as they are on a wire: a namespace sends up to 64 KiB at once, as Linux does when a device cuts for it, and a token bucket cuts such ones first (tbf_segment).</summary>
internal static class Segments
{
    /// <summary>Bytes of a packet on an Ethernet.</summary>
    public const int WireMtu = 1500;

    public static bool IsLarge(Packet packet) => packet is TcpPacket && packet.Length > WireMtu;

    /// <summary>The same bytes in packets of at most <see cref="WireMtu"/>.</summary>
    public static IEnumerable<TcpPacket> Cut(TcpPacket packet)
    {
        var most = WireMtu - (packet.Length - packet.Payload.Length);
        for (var at = 0; at < packet.Payload.Length; at += most)
        {
            var length = Math.Min(most, packet.Payload.Length - at);
            var isLast = at + length == packet.Payload.Length;
            yield return packet with
            {
                Sequence = packet.Sequence + (uint)at,
                Payload = packet.Payload.Slice(at, length),
                Flags = isLast ? packet.Flags : packet.Flags & ~(TcpFlags.Fin | TcpFlags.Psh),
            };
        }
    }
}
