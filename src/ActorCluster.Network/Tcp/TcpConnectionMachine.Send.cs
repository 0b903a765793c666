using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Tcp;

// The sending side: what goes out when, and what goes out again.
internal sealed partial class TcpConnectionMachine
{
    private readonly uint _initialSequence;
    private uint _sendUnacknowledged;
    private uint _sendNext;
    private uint _sendMaximum;
    private int _sendWindow;
    private int _largestSendWindow;
    private uint _windowSequence;
    private uint _windowAcknowledgment;
    private int _sendScale;
    private int _segmentSize;

    private SendQueue? _sendQueue;
    private CongestionControl _congestion;
    private RetransmissionTimeout _timeout = RetransmissionTimeout.ForTcp;
    private long _retransmitAt = Never;
    private int _retries;

    // The one segment whose round trip is being timed; void when anything was sent again.
    private bool _timing;
    private uint _timedSequence;
    private long _timedSince;

    private int Flight => (int)(_sendNext - _sendUnacknowledged);

    /// <summary>The sequence number after the last queued byte: FIN's, when it comes.</summary>
    private uint QueueEnd => _sendUnacknowledged + (uint)(_sendQueue?.Length ?? 0);

    private bool FinSent => _finQueued && _sendMaximum == QueueEnd + 1;

    /// <summary>Sends what the peer's window and the congestion window allow, and sets the timer.</summary>
    private void Transmit(long now)
    {
        if (State is not (TcpState.Established or TcpState.CloseWait or TcpState.FinWait1 or TcpState.Closing or TcpState.LastAck)) return;
        while (true)
        {
            var unsent = (int)(QueueEnd - _sendNext);
            if (unsent < 0 || (unsent == 0 && !_finQueued)) break; // everything, FIN included, is sent
            var usable = Math.Min(_sendWindow, _congestion.Window) - Flight;
            if (usable <= 0) break;
            if (unsent == 0)
            {
                SendData(default, fin: true, now);
                break;
            }
            var data = _sendQueue!.Slice(Flight, Math.Min(usable, _segmentSize));
            // A piece cut short by a window can wait for the next acknowledgment, which is on its way; what the peer lets in that is less than
            // half of what it can, is not worth a segment (silly windows, RFC 9293, 3.8.6.2.1).
            if (data.Length == usable && usable < Math.Min(unsent, _segmentSize) && Flight > 0 && (_congestion.Window < _sendWindow || usable < _largestSendWindow / 2)) break;
            SendData(data, fin: _finQueued && data.Length == unsent && usable > unsent, now);
        }
        if (_retransmitAt != Never) return;
        if (Flight > 0 || QueueEnd != _sendNext || (_finQueued && !FinSent)) ArmRetransmit(now); // in flight, or shut out by the window: then it probes
    }

    private void SendData(ReadOnlyMemory<byte> data, bool fin, long now)
    {
        if (!_timing && _sendNext == _sendMaximum)
        {
            _timing = true;
            _timedSequence = _sendNext + (uint)data.Length + (fin ? 1u : 0u);
            _timedSince = now;
        }
        var sequence = _sendNext;
        _sendNext += (uint)data.Length + (fin ? 1u : 0u);
        _sendMaximum = SequenceNumber.Later(_sendMaximum, _sendNext);
        var push = _sendNext == QueueEnd || fin;
        Emit(sequence, TcpFlags.Ack | (push ? TcpFlags.Psh : 0) | (fin ? TcpFlags.Fin : 0), data);
    }

    /// <summary>Sends the first unacknowledged segment once more, and nothing else.</summary>
    private void RetransmitFirst()
    {
        _timing = false;
        var queued = _sendQueue?.Length ?? 0;
        if (queued == 0)
        {
            if (FinSent) Emit(_sendUnacknowledged, TcpFlags.Ack | TcpFlags.Fin, default);
            return;
        }
        // No more than went out before: what was queued since is not yet sent, and its acknowledgment would be refused.
        var sent = (int)(_sendMaximum - _sendUnacknowledged) - (FinSent ? 1 : 0);
        var data = _sendQueue!.Slice(0, Math.Min(_segmentSize, sent));
        Emit(_sendUnacknowledged, TcpFlags.Ack | TcpFlags.Psh | (FinSent && data.Length == queued ? TcpFlags.Fin : 0), data);
    }

    private void OnRetransmitTimer(long now)
    {
        _retransmitAt = Never;
        _timing = false;
        if (++_retries > (State is TcpState.SynSent or TcpState.SynReceived ? _settings.SynRetries : _settings.DataRetries))
        {
            Close(SocketFault.TimedOut);
            return;
        }
        _timeout.BackOff();
        if (State is TcpState.SynSent or TcpState.SynReceived)
        {
            SendSyn(now);
            return;
        }
        if (_sendWindow == 0)
        {
            Probe();
        }
        else if (_sendNext != _sendUnacknowledged)
        {
            // All that is unacknowledged counts as lost and goes again from the start, slowly (RFC 5681, 3.1).
            _congestion.OnTimeout((int)(_sendMaximum - _sendUnacknowledged), _sendMaximum);
            _sendNext = _sendUnacknowledged;
            Transmit(now);
        }
        else
        {
            Transmit(now);
        }
        if (_retransmitAt == Never && State != TcpState.Closed) ArmRetransmit(now);
    }

    /// <summary>Asks whether the window is still shut, with one byte (or FIN) beyond it (RFC 9293, 3.8.6.1).</summary>
    private void Probe()
    {
        _sendNext = _sendUnacknowledged;
        if (_sendQueue is { Length: > 0 } queue) Emit(_sendUnacknowledged, TcpFlags.Ack | TcpFlags.Psh, queue.Slice(0, 1));
        else if (_finQueued) Emit(_sendUnacknowledged, TcpFlags.Ack | TcpFlags.Fin, default);
        _sendMaximum = SequenceNumber.Later(_sendMaximum, _sendUnacknowledged + 1);
    }

    private void ArmRetransmit(long now) => _retransmitAt = now + _timeout.Current;

    private void SendSyn(long now)
    {
        var first = _sendNext == _initialSequence;
        (_timing, _timedSequence, _timedSince) = (first, _initialSequence + OwnSynFlag, now);
        _sendNext = _sendMaximum = _initialSequence + OwnSynFlag;
        var acknowledge = State == TcpState.SynReceived;
        // The SYN's own window is never scaled; scaling is offered by who opens, and answered only if offered (RFC 7323, 2.2).
        var scale = !acknowledge || _peerScales ? _settings.WindowScale : (byte?)null;
        if (acknowledge) (_acknowledgeAt, _acknowledgeBytes) = (Never, 0);
        _output.Transmit(new TcpPacket(_ends, _initialSequence,
            acknowledge ? _receiveNext : 0, acknowledge ? TcpFlags.Syn | TcpFlags.Ack : TcpFlags.Syn,
            (ushort)Math.Min(_settings.ReceiveBuffer, ushort.MaxValue), default, (ushort)_settings.MaximumSegmentSize, scale));
        ArmRetransmit(now);
    }

    private void SendReset() => Emit(_sendNext, TcpFlags.Rst | TcpFlags.Ack, default);

    private void Emit(uint sequence, TcpFlags flags, ReadOnlyMemory<byte> data)
    {
        (_acknowledgeAt, _acknowledgeBytes) = (Never, 0);
        _output.Transmit(new TcpPacket(_ends, sequence, _receiveNext, flags, AdvertiseWindow(), data));
    }
}
