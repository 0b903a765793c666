using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Tcp;

/// <summary>
/// One TCP connection by RFC 9293: segments, writes, reads and ticks go in; segments, data and a deadline come out. It has no clock and no
/// threads; times are in ticks of 100 ns, from any origin. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Options: maximum segment size and window scale. No SACK and no timestamps. Nagle's algorithm is off, as Kestrel and HttpClient set it.
/// Names follow the RFC: SND.UNA is <see cref="_sendUnacknowledged"/>, SND.NXT <see cref="_sendNext"/>, RCV.NXT <see cref="_receiveNext"/>.
/// </remarks>
internal sealed partial class TcpConnectionMachine
{
    public const long Never = long.MaxValue;

    private const int OwnSynFlag = 1;

    private readonly TcpSettings _settings;
    private readonly PacketEnds _ends;
    private readonly ITcpOutput _output;

    private bool _passive;
    private bool _finQueued;
    private bool _receiverGone;
    private long _lifetimeEnds = Never;

    public TcpConnectionMachine(TcpSettings settings, SocketAddress local, SocketAddress remote, uint initialSequence, ITcpOutput output)
    {
        (_settings, _output) = (settings, output);
        _ends = new(local.Address, local.Port, remote.Address, remote.Port);
        _segmentSize = settings.MaximumSegmentSize;
        (_initialSequence, _sendUnacknowledged, _sendNext, _sendMaximum) = (initialSequence, initialSequence, initialSequence, initialSequence);
    }

    public TcpState State { get; private set; } = TcpState.Closed;

    /// <summary>When <see cref="Tick"/> must be called next; <see cref="Never"/> if nothing waits.</summary>
    public long Deadline => Math.Min(_retransmitAt, Math.Min(_acknowledgeAt, _lifetimeEnds));

    /// <summary>How many bytes a writer may add before it should wait.</summary>
    public int SendSpace => _settings.SendBuffer - (_sendQueue?.Length ?? 0);

    /// <summary>At least half of the send buffer is free: worth waking a writer that waits.</summary>
    public bool HasAmpleSendSpace => SendSpace >= _settings.SendBuffer / 2;

    /// <summary>Active OPEN: sends SYN.</summary>
    public void Connect(long now)
    {
        State = TcpState.SynSent;
        SendSyn(now);
    }

    /// <summary>Passive OPEN, for a SYN that a listener got: sends SYN,ACK.</summary>
    public void Accept(TcpPacket syn, long now)
    {
        _passive = true;
        State = TcpState.SynReceived;
        TakeSyn(syn);
        SendSyn(now);
    }

    /// <summary>Queues data, for <see cref="Push"/> to send. The memory must never change again.</summary>
    public void Write(ReadOnlyMemory<byte> data)
    {
        if (_finQueued || State == TcpState.Closed) throw new InvalidOperationException("The sending side is closed.");
        (_sendQueue ??= new()).Append(data);
    }

    /// <summary>Sends what is queued, as far as the windows allow.</summary>
    public void Push(long now) => Transmit(now);

    /// <summary>CLOSE: FIN follows what was written.</summary>
    public void CloseSend(long now)
    {
        if (_finQueued) return;
        _finQueued = true;
        switch (State)
        {
            case TcpState.SynSent:
                Close(null);
                break;
            case TcpState.Established:
                State = TcpState.FinWait1;
                Transmit(now);
                break;
            case TcpState.CloseWait:
                State = TcpState.LastAck;
                Transmit(now);
                break;
            default:
                break; // SYN-RECEIVED: when it is established.
        }
    }

    /// <summary>
    /// Nobody will read any more: data that still comes is thrown away, or answered with RST once the sending side is closed too, and
    /// FIN-WAIT-2 does not last for ever (Linux: tcp_fin_timeout).
    /// </summary>
    public void CloseReceive(long now)
    {
        _receiverGone = true;
        Consume(_unread);
        if (State == TcpState.FinWait2) _lifetimeEnds = now + _settings.TimeWait;
    }

    /// <summary>The reader took this many bytes: the window may open.</summary>
    public void Consume(int bytes)
    {
        _unread -= bytes;
        if (State is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2 && WindowUpdateIsDue()) SendAcknowledgment();
    }

    /// <summary>ABORT: sends RST and forgets the connection.</summary>
    public void Abort(SocketFault? fault = SocketFault.ConnectionAborted)
    {
        if (State is TcpState.SynReceived or TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2 or TcpState.CloseWait)
            SendReset();
        Close(fault);
    }

    /// <summary>An ICMP error came for a segment of this connection. It ends an attempt to connect; later it is only advice (RFC 9293, 3.9.2.2).</summary>
    public void OnUnreachable(SocketFault fault)
    {
        if (State is TcpState.SynSent or TcpState.SynReceived) Close(fault);
    }

    /// <summary>What goes on from when the state is TIME-WAIT, where the machine's own work ends.</summary>
    public TcpTimeWait ToTimeWait(long now) =>
        new(_sendMaximum, _largestSendWindow, _receiveNext, (int)(_receiveEdge - _receiveNext), _receiveScale, _settings.TimeWait, now);

    /// <summary>A deadline has passed.</summary>
    public void Tick(long now)
    {
        if (now >= _lifetimeEnds)
        {
            Close(null);
            return;
        }
        if (now >= _acknowledgeAt) SendAcknowledgment();
        if (now >= _retransmitAt) OnRetransmitTimer(now);
    }

    private void EnterTimeWait()
    {
        State = TcpState.TimeWait;
        (_retransmitAt, _acknowledgeAt, _lifetimeEnds) = (Never, Never, Never);
        _sendQueue = null;
        _reassembly = null;
    }

    private void Close(SocketFault? fault)
    {
        if (State == TcpState.Closed) return;
        State = TcpState.Closed;
        (_retransmitAt, _acknowledgeAt, _lifetimeEnds) = (Never, Never, Never);
        _sendQueue = null;
        _reassembly = null;
        _output.OnClosed(fault);
    }
}
