using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Tcp;

// The receiving side: SEGMENT ARRIVES (RFC 9293, 3.10.7), acknowledgments and the window.
internal sealed partial class TcpConnectionMachine
{
    /// <summary>Challenges (RFC 5961) go out no more often than this; ticks of 100 ns.</summary>
    internal const long ChallengeInterval = 100 * TimeSpan.TicksPerMillisecond;

    /// <summary>Bytes after which an acknowledgment no longer waits: two segments of an Ethernet, whatever size ours are.</summary>
    private const int AcknowledgeEvery = 2 * 1460;

    private uint _receiveNext;
    private uint _receiveEdge;
    private int _receiveScale;
    private bool _peerScales;
    private int _unread;
    private ReassemblyQueue? _reassembly;
    private uint? _finSequence;
    private int _acknowledgeBytes;
    private long _acknowledgeAt = Never;
    private long _lastChallenge = long.MinValue / 2;

    public void Receive(TcpPacket segment, long now)
    {
        switch (State)
        {
            case TcpState.Closed or TcpState.TimeWait: return;
            case TcpState.SynSent: OnSegmentInSynSent(segment, now); return;
            default: OnSegment(segment, now); return;
        }
    }

    /// <summary>3.10.7.3.</summary>
    private void OnSegmentInSynSent(TcpPacket segment, long now)
    {
        var acknowledges = segment.Flags.HasFlag(TcpFlags.Ack);
        if (acknowledges && segment.Acknowledgment != _sendNext)
        {
            if (!segment.Flags.HasFlag(TcpFlags.Rst)) _output.Transmit(ResetFor(segment));
            return;
        }
        if (segment.Flags.HasFlag(TcpFlags.Rst))
        {
            if (acknowledges) Close(SocketFault.ConnectionRefused);
            return;
        }
        if (!segment.Flags.HasFlag(TcpFlags.Syn)) return;
        TakeSyn(segment);
        if (!acknowledges)
        {
            State = TcpState.SynReceived; // both opened at once (3.5, figure 8)
            SendSyn(now);
            return;
        }
        _sendUnacknowledged = segment.Acknowledgment;
        Establish(segment, now);
        SendAcknowledgment();
        TakeData(segment, now);
        Transmit(now);
        AcknowledgeIfDue(now);
    }

    /// <summary>3.10.7.4.</summary>
    private void OnSegment(TcpPacket segment, long now)
    {
        if (!IsAcceptable(segment))
        {
            OnUnacceptable(segment, now);
            return;
        }
        if (segment.Flags.HasFlag(TcpFlags.Rst))
        {
            if (segment.Sequence == _receiveNext) OnReset();
            else Challenge(now); // RFC 5961, 3.2
            return;
        }
        if (segment.Flags.HasFlag(TcpFlags.Syn))
        {
            // Both opened at once, and this is the other's SYN,ACK: the acknowledgment in it counts. Anywhere else, RFC 5961, 4.2.
            if (State != TcpState.SynReceived || segment.Sequence + 1 != _receiveNext)
            {
                Challenge(now);
                return;
            }
        }
        if (!segment.Flags.HasFlag(TcpFlags.Ack) || !TakeAcknowledgment(segment, now)) return;
        TakeData(segment, now);
        if (State == TcpState.Closed) return;
        Transmit(now);
        AcknowledgeIfDue(now);
    }

    /// <summary>By the table; and, in SYN-RECEIVED, the SYN,ACK of a peer that opened at the same time.</summary>
    private bool IsAcceptable(TcpPacket segment)
    {
        var length = segment.Payload.Length + (segment.Flags.HasFlag(TcpFlags.Fin) ? 1 : 0) + (segment.Flags.HasFlag(TcpFlags.Syn) ? 1 : 0);
        if (State == TcpState.SynReceived && (segment.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == (TcpFlags.Syn | TcpFlags.Ack) && segment.Sequence + 1 == _receiveNext)
            return true;
        return IsAcceptable(segment.Sequence, length, _receiveNext, (int)(_receiveEdge - _receiveNext));
    }

    /// <summary>Table 6 of 3.10.7.4.</summary>
    /// <param name="length">SEG.LEN: of the data, SYN and FIN.</param>
    internal static bool IsAcceptable(uint sequence, int length, uint receiveNext, int window)
    {
        // The table would refuse what lies at the window's very edge. But that is where a peer stands that has filled the window, and when some of
        // what filled it is lost, only the acknowledgments that it sends from there can get things going again (Linux: tcp_sequence).
        if (length == 0) return sequence - receiveNext <= (uint)window;
        return window > 0 && (IsInWindow(sequence) || IsInWindow(sequence + (uint)length - 1)
            || (sequence.IsBefore(receiveNext) && (sequence + (uint)length).IsAfter(receiveNext + (uint)window)));

        bool IsInWindow(uint number) => number - receiveNext < (uint)window;
    }

    private void OnUnacceptable(TcpPacket segment, long now)
    {
        if (segment.Flags.HasFlag(TcpFlags.Rst)) return;
        if (State == TcpState.SynReceived && segment.Flags.HasFlag(TcpFlags.Syn) && segment.Sequence + 1 == _receiveNext)
        {
            SendSyn(now); // our SYN,ACK was lost
            return;
        }
        // With a shut window the acknowledgment in a refused segment still counts (3.10.7.4: "special allowance should be made").
        if (segment.Sequence == _receiveNext && segment.Flags.HasFlag(TcpFlags.Ack) && !segment.Flags.HasFlag(TcpFlags.Syn) && State != TcpState.SynReceived)
        {
            if (!TakeAcknowledgment(segment, now) || State == TcpState.Closed) return;
            Transmit(now);
        }
        // An empty segment could be just such an answer of the peer's: answering it without restraint would go on for ever.
        if (segment.Payload.IsEmpty && !segment.Flags.HasFlag(TcpFlags.Fin)) Challenge(now);
        else SendAcknowledgment();
    }

    private void Challenge(long now)
    {
        if (now - _lastChallenge < ChallengeInterval) return;
        _lastChallenge = now;
        SendAcknowledgment();
    }

    private void OnReset() => Close(State switch
    {
        TcpState.SynReceived when !_passive => SocketFault.ConnectionRefused,
        TcpState.Closing or TcpState.LastAck => null,
        _ => SocketFault.ConnectionReset,
    });

    private void TakeSyn(TcpPacket syn)
    {
        _receiveNext = syn.Sequence + 1;
        _receiveEdge = _receiveNext + (uint)Math.Min(_settings.ReceiveBuffer, ushort.MaxValue);
        _peerScales = syn.WindowScale is not null;
        _sendScale = Math.Min(syn.WindowScale ?? 0, (byte)14);
        _receiveScale = _peerScales ? _settings.WindowScale : 0;
        _segmentSize = Math.Min(_settings.MaximumSegmentSize, syn.MaximumSegmentSize == 0 ? 536 : syn.MaximumSegmentSize); // 3.7.1
        _sendWindow = syn.Window;
        (_windowSequence, _windowAcknowledgment) = (syn.Sequence, _sendUnacknowledged);
        _congestion = new(_segmentSize);
    }

    private void Establish(TcpPacket segment, long now)
    {
        if (_timing) _timeout.Measure(now - _timedSince);
        (_timing, _retries, _retransmitAt) = (false, 0, Never);
        State = _finQueued ? TcpState.FinWait1 : TcpState.Established;
        _sendWindow = segment.Flags.HasFlag(TcpFlags.Syn) ? segment.Window : segment.Window << _sendScale;
        _largestSendWindow = Math.Max(_largestSendWindow, _sendWindow);
        (_windowSequence, _windowAcknowledgment) = (segment.Sequence, segment.Acknowledgment);
        _output.OnEstablished();
    }

    /// <returns>False: the segment is of no further use.</returns>
    private bool TakeAcknowledgment(TcpPacket segment, long now)
    {
        var acknowledgment = segment.Acknowledgment;
        if (State == TcpState.SynReceived)
        {
            if (acknowledgment != _sendNext)
            {
                _output.Transmit(ResetFor(segment));
                return false;
            }
            _sendUnacknowledged = acknowledgment;
            Establish(segment, now);
            return true;
        }
        // Neither what was never sent nor what was acknowledged long ago: whoever says so knows nothing of this connection (RFC 5961, 5.2).
        if (acknowledgment.IsAfter(_sendMaximum) || acknowledgment.IsBefore(_sendUnacknowledged - (uint)_largestSendWindow))
        {
            Challenge(now);
            return false;
        }
        if (acknowledgment.IsAfter(_sendUnacknowledged)) OnNewAcknowledgment(acknowledgment, now);
        else if (IsDuplicate(segment) && _congestion.OnDuplicate((int)(_sendMaximum - _sendUnacknowledged), _sendMaximum, _sendUnacknowledged)) RetransmitFirst();
        TakeWindow(segment);
        return State is not (TcpState.Closed or TcpState.TimeWait);
    }

    private void OnNewAcknowledgment(uint acknowledgment, long now)
    {
        _retries = 0;
        if (_timing && _timedSequence.IsAtOrBefore(acknowledgment))
        {
            _timing = false;
            _timeout.Measure(now - _timedSince);
        }
        else
        {
            _timeout.Recovered();
        }
        var finAcknowledged = FinSent && acknowledgment == _sendMaximum;
        var bytes = (int)(acknowledgment - _sendUnacknowledged) - (finAcknowledged ? 1 : 0);
        if (bytes > 0) _sendQueue!.Release(bytes);
        _sendUnacknowledged = acknowledgment;
        _sendNext = SequenceNumber.Later(_sendNext, acknowledgment);
        _retransmitAt = Never;
        if (finAcknowledged)
        {
            OnFinAcknowledged(now);
            return;
        }
        if (_congestion.OnAcknowledged(bytes, acknowledgment, (int)(_sendMaximum - acknowledgment))) RetransmitFirst();
        if (_sendMaximum != acknowledgment) ArmRetransmit(now);
        _output.OnSendSpace();
    }

    private void OnFinAcknowledged(long now)
    {
        switch (State)
        {
            case TcpState.FinWait1:
                State = TcpState.FinWait2;
                if (_receiverGone) _lifetimeEnds = now + _settings.TimeWait;
                break;
            case TcpState.Closing: EnterTimeWait(); break;
            case TcpState.LastAck: Close(null); break;
            default: break;
        }
    }

    /// <summary>RFC 5681, 2.</summary>
    private bool IsDuplicate(TcpPacket segment) =>
        segment.Acknowledgment == _sendUnacknowledged && _sendMaximum != _sendUnacknowledged && segment.Payload.IsEmpty
        && (segment.Flags & (TcpFlags.Syn | TcpFlags.Fin)) == 0 && segment.Window << _sendScale == _sendWindow;

    private void TakeWindow(TcpPacket segment)
    {
        if (segment.Acknowledgment.IsBefore(_sendUnacknowledged)) return;
        if (!_windowSequence.IsBefore(segment.Sequence) && (_windowSequence != segment.Sequence || !_windowAcknowledgment.IsAtOrBefore(segment.Acknowledgment))) return;
        var wasShut = _sendWindow == 0;
        _sendWindow = segment.Window << _sendScale;
        _largestSendWindow = Math.Max(_largestSendWindow, _sendWindow);
        (_windowSequence, _windowAcknowledgment) = (segment.Sequence, segment.Acknowledgment);
        if (_sendWindow == 0)
        {
            _retries = 0; // a peer that answers may keep its window shut as long as it likes (3.8.6.1)
        }
        else if (wasShut)
        {
            // Probes are not losses: send from SND.UNA on, with the timeout that was measured.
            _timeout.Recovered();
            (_sendNext, _retransmitAt) = (_sendUnacknowledged, Never);
        }
    }

    private void TakeData(TcpPacket segment, long now)
    {
        if (State is not (TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2))
        {
            // The peer's FIN came before: nothing but its repetition can follow, and that wants its acknowledgment again.
            if (segment.Flags.HasFlag(TcpFlags.Fin)) SendAcknowledgment();
            return;
        }
        var data = segment.Payload;
        var sequence = segment.Sequence + (segment.Flags.HasFlag(TcpFlags.Syn) ? 1u : 0u);
        var fin = segment.Flags.HasFlag(TcpFlags.Fin);
        if (fin) _finSequence = sequence + (uint)data.Length;
        if (!data.IsEmpty && !TakePayload(sequence, data, now)) return;
        if (fin && _finSequence != _receiveNext) SendAcknowledgment(); // it came before its turn
        if (_finSequence == _receiveNext) OnFin(now);
    }

    /// <returns>False: the connection was reset because nobody reads.</returns>
    private bool TakePayload(uint sequence, ReadOnlyMemory<byte> data, long now)
    {
        if (_receiverGone && _finQueued && (sequence + (uint)data.Length).IsAfter(_receiveNext))
        {
            SendReset();
            Close(null);
            return false;
        }
        if (sequence.IsBefore(_receiveNext))
        {
            var known = (int)(_receiveNext - sequence);
            if (known >= data.Length)
            {
                SendAcknowledgment();
                return true;
            }
            data = data[known..];
            sequence = _receiveNext;
        }
        var room = (int)(_receiveEdge - sequence);
        if (data.Length > room)
        {
            data = data[..room];
            _finSequence = null; // it lies beyond what was taken
        }
        if (sequence != _receiveNext)
        {
            (_reassembly ??= new()).Add(sequence, data);
            SendAcknowledgment(); // at once, so that the sender sees duplicates (RFC 5681, 4.2)
            return true;
        }
        var filledGap = _reassembly is { IsEmpty: false };
        Deliver(data, now);
        while (_reassembly?.TryTake(_receiveNext, out var more) == true) Deliver(more, now);
        if (_reassembly is { IsEmpty: true }) _reassembly = null;
        if (filledGap) _acknowledgeBytes = AcknowledgeEvery;
        return true;
    }

    private void Deliver(ReadOnlyMemory<byte> data, long now)
    {
        _receiveNext += (uint)data.Length;
        _acknowledgeBytes += data.Length;
        if (_acknowledgeAt == Never) _acknowledgeAt = now + _settings.DelayedAck;
        if (_receiverGone) return;
        _unread += data.Length;
        _output.OnData(data);
    }

    private void OnFin(long now)
    {
        _receiveNext++;
        if (_receiveEdge.IsBefore(_receiveNext)) _receiveEdge = _receiveNext;
        _finSequence = null;
        _acknowledgeBytes = AcknowledgeEvery;
        _output.OnEnd();
        switch (State)
        {
            case TcpState.Established: State = TcpState.CloseWait; break;
            case TcpState.FinWait1: State = TcpState.Closing; break;
            case TcpState.FinWait2:
                SendAcknowledgment();
                EnterTimeWait();
                break;
            default: break;
        }
    }

    private void AcknowledgeIfDue(long now)
    {
        if (_acknowledgeBytes >= AcknowledgeEvery || now >= _acknowledgeAt) SendAcknowledgment();
    }

    private void SendAcknowledgment() => Emit(AcceptableSequence, TcpFlags.Ack, default);

    /// <summary>
    /// What an empty segment has as its sequence number: SND.NXT, but never beyond the peer's window, where a probe of a shut one lies. There
    /// the peer would refuse it, and the window that it announces as well.
    /// </summary>
    private uint AcceptableSequence
    {
        get
        {
            var next = SequenceNumber.Later(_sendNext, _sendMaximum);
            var edge = _sendUnacknowledged + (uint)_sendWindow;
            return next.IsAfter(edge) ? edge : next;
        }
    }

    /// <summary>The window field of the next segment. The right edge moves in steps worth sending for only, and never back (RFC 9293, 3.8.6.2.2).</summary>
    private ushort AdvertiseWindow()
    {
        var edge = _receiveNext + (uint)Math.Max(_settings.ReceiveBuffer - _unread, 0);
        if ((int)(edge - _receiveEdge) >= WindowStep) _receiveEdge = edge;
        return (ushort)Math.Min((_receiveEdge - _receiveNext) >> _receiveScale, ushort.MaxValue);
    }

    private int WindowStep => Math.Min(_segmentSize, _settings.ReceiveBuffer / 2);

    private bool WindowUpdateIsDue() =>
        (int)(_receiveEdge - _receiveNext) < _settings.ReceiveBuffer / 2
        && (int)(_receiveNext + (uint)Math.Max(_settings.ReceiveBuffer - _unread, 0) - _receiveEdge) >= WindowStep;

    /// <summary>The answer to a segment that belongs to no connection (3.10.7.1).</summary>
    public static TcpPacket ResetFor(TcpPacket segment) => segment.Flags.HasFlag(TcpFlags.Ack)
        ? new(segment.Destination, segment.Source, segment.DestinationPort, segment.SourcePort, segment.Acknowledgment, 0, TcpFlags.Rst, 0, default)
        : new(segment.Destination, segment.Source, segment.DestinationPort, segment.SourcePort, 0,
            segment.Sequence + (uint)segment.Payload.Length + (segment.Flags.HasFlag(TcpFlags.Syn) ? 1u : 0u) + (segment.Flags.HasFlag(TcpFlags.Fin) ? 1u : 0u),
            TcpFlags.Rst | TcpFlags.Ack, 0, default);
}
