using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Sctp;

/// <summary>Answers to packets of no association, and not for a listener (RFC 9260, 8.4).</summary>
internal static class OutOfTheBlue
{
    /// <returns>Null: no answer is allowed.</returns>
    public static SctpPacket? Answer(SctpPacket packet)
    {
        if (packet.Chunks.IsEmpty || packet.Contains<SctpAbort>() || packet.Contains<SctpShutdownComplete>()) return null;
        foreach (var chunk in packet.Chunks)
            if (chunk is SctpCookieAck or SctpError { Causes: [{ Code: SctpCauseCode.StaleCookie }, ..] }) return null;
        // An INIT carries the tag that its sender wants to see; all others are told theirs, reflected.
        if (packet.Chunks[0] is SctpInit init) return packet.VerificationTag == 0 ? Reply(packet, init.Tag, new SctpAbort(false, [])) : null;
        return packet.Chunks[0] is SctpShutdownAck
            ? Reply(packet, packet.VerificationTag, new SctpShutdownComplete(true))
            : Reply(packet, packet.VerificationTag, new SctpAbort(true, []));
    }

    /// <summary>One chunk on the way back.</summary>
    public static SctpPacket Reply(SctpPacket packet, uint tag, SctpChunk chunk) =>
        new(packet.Destination, packet.Source, packet.DestinationPort, packet.SourcePort, tag, [chunk]);
}
