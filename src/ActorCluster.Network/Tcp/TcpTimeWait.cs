using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Tcp;

/// <summary>
/// What is left of a connection in TIME-WAIT (RFC 9293, 3.10.7.4), where Linux has its tcp_timewait_sock: enough to acknowledge what the peer
/// repeats and to know a later connection's SYN. Small, because a server that closes first has one for each connection of the last minute.
/// </summary>
/// <param name="sendNext">SND.NXT: all before it, FIN included, is sent and acknowledged.</param>
/// <param name="largestSendWindow">The largest window that the peer ever had (RFC 5961's MAX.SND.WND), in bytes.</param>
/// <param name="receiveNext">RCV.NXT: after the peer's FIN.</param>
/// <param name="receiveWindow">RCV.WND, in bytes.</param>
/// <param name="receiveScale">How far the window field of our segments is shifted.</param>
/// <param name="duration">Of TIME-WAIT, in ticks of 100 ns.</param>
/// <param name="now">Ticks of 100 ns, from any origin.</param>
internal struct TcpTimeWait(uint sendNext, int largestSendWindow, uint receiveNext, int receiveWindow, int receiveScale, long duration, long now)
{
    private readonly long _duration = duration;
    private readonly uint _sendNext = sendNext;
    private readonly uint _receiveNext = receiveNext;
    private readonly int _largestSendWindow = largestSendWindow;
    private readonly int _receiveWindow = receiveWindow;
    private readonly byte _receiveScale = (byte)receiveScale;
    private long _lastChallenge = long.MinValue / 2;

    /// <summary>When it is over, unless the peer repeats something before.</summary>
    public long Ends { get; private set; } = now + duration;

    /// <summary>Where a successor of this connection may start so that old segments can't be taken for its own.</summary>
    public readonly uint SuccessorSequence => _sendNext + 0x10000;

    /// <summary>May a successor of this connection start, by this end's doing, <paramref name="pause"/> ticks after the last that was heard of it?</summary>
    public readonly bool MayBeSucceeded(long pause, long now) => Ends - now <= _duration - pause;

    /// <summary>May a SYN with this sequence number start a new connection on the same pair of sockets?</summary>
    public readonly bool MayBeReplacedBy(TcpPacket syn) =>
        (syn.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn && syn.Sequence.IsAfter(_receiveNext);

    /// <returns>The answer; null: none.</returns>
    public TcpPacket? Receive(TcpPacket segment, long now)
    {
        var isEmpty = segment.Payload.IsEmpty && (segment.Flags & TcpFlags.Fin) == 0;
        if (!IsAcceptable(segment))
        {
            if (segment.Flags.HasFlag(TcpFlags.Rst)) return null;
            Ends = now + _duration;
            return isEmpty ? Challenge(segment, now) : Acknowledge(segment);
        }
        if (segment.Flags.HasFlag(TcpFlags.Rst))
        {
            if (segment.Sequence != _receiveNext) return Challenge(segment, now); // RFC 5961, 3.2
            Ends = now;
            return null;
        }
        if (segment.Flags.HasFlag(TcpFlags.Syn)) return Challenge(segment, now); // RFC 5961, 4.2
        if (!segment.Flags.HasFlag(TcpFlags.Ack)) return null;
        if (segment.Acknowledgment.IsAfter(_sendNext) || segment.Acknowledgment.IsBefore(_sendNext - (uint)_largestSendWindow)) return Challenge(segment, now); // RFC 5961, 5.2
        return isEmpty ? null : Acknowledge(segment);
    }

    /// <summary>Table 6 of 3.10.7.4.</summary>
    private readonly bool IsAcceptable(TcpPacket segment)
    {
        var length = segment.Payload.Length + (segment.Flags.HasFlag(TcpFlags.Fin) ? 1 : 0) + (segment.Flags.HasFlag(TcpFlags.Syn) ? 1 : 0);
        return TcpConnectionMachine.IsAcceptable(segment.Sequence, length, _receiveNext, _receiveWindow);
    }

    private TcpPacket? Challenge(TcpPacket segment, long now)
    {
        if (now - _lastChallenge < TcpConnectionMachine.ChallengeInterval) return null;
        _lastChallenge = now;
        return Acknowledge(segment);
    }

    private readonly TcpPacket Acknowledge(TcpPacket segment) => new(segment.Destination, segment.Source, segment.DestinationPort, segment.SourcePort,
        _sendNext, _receiveNext, TcpFlags.Ack, (ushort)Math.Min(_receiveWindow >> _receiveScale, ushort.MaxValue), default);
}
