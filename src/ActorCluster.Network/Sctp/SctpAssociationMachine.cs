using System.Buffers.Binary;
using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Sctp;

/// <summary>
/// One SCTP association by RFC 9260: packets, messages, reads and ticks go in; packets, messages and a deadline come out. It has no clock and no
/// threads; times are in ticks of 100 ns, from any origin. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// One address at each end, as Kubernetes' NAT needs it: no address lists in INIT, no path changes. Left out as well: what other RFCs add
/// (partial reliability, stream reset, authentication, address changes, ECN), delivery of a part of a message, bundling of user messages by delay
/// (Nagle), and T5-shutdown-guard. HEARTBEATs of idle associations are sent: they keep NAT's memory of them alive, and find peers that are gone.
/// An unreachable destination told by ICMP is ignored (section 10 wants it so, and Linux does it so): such a connect runs into its timeout.
/// </remarks>
internal sealed partial class SctpAssociationMachine
{
    public const long Never = long.MaxValue;

    private readonly SctpSettings _settings;
    private readonly SctpSecrets _secrets;
    private readonly ISctpOutput _output;
    private readonly SocketAddress _local;
    private readonly SocketAddress _remote;

    private readonly uint _tag;
    private uint _peerTag;

    /// <summary>Bytes of chunks that a packet has room for.</summary>
    private readonly int _room;

    private long _heartbeatAt = Never;
    private bool _heartbeatIsOut;
    private bool _isIdle;

    public SctpAssociationMachine(SctpSettings settings, SctpSecrets secrets, SocketAddress local, SocketAddress remote, ISctpOutput output)
        : this(settings, secrets, local, remote, output, secrets.NextTag(), secrets.NextTsn())
    {
    }

    /// <param name="tag">Our verification tag.</param>
    public SctpAssociationMachine(SctpSettings settings, SctpSecrets secrets, SocketAddress local, SocketAddress remote, ISctpOutput output, uint tag, uint initialTsn)
    {
        (_settings, _secrets, _local, _remote, _output, _tag, _initialTsn) = (settings, secrets, local, remote, output, tag, initialTsn);
        _room = (settings.MaximumTransmissionUnit - (remote.Address.IsV4 ? 20 : 40) - SctpPacket.HeaderLength) & ~3;
        _congestion = new(settings.MaximumTransmissionUnit);
        (_nextTsn, _acknowledged) = (initialTsn, initialTsn - 1);
    }

    public SctpState State { get; private set; } = SctpState.Closed;

    /// <summary>When <see cref="Tick"/> must be called next; <see cref="Never"/> if nothing waits.</summary>
    public long Deadline => Math.Min(_retransmitAt, Math.Min(_acknowledgeAt, _heartbeatAt));

    /// <summary>May the program still send?</summary>
    public bool CanSend => State is SctpState.Established;

    private bool MovesData => State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownReceived;

    /// <summary>ABORT: tells the peer and forgets the association.</summary>
    public void Abort(SctpCauseCode cause = SctpCauseCode.UserInitiatedAbort, SocketFault fault = SocketFault.ConnectionAborted)
    {
        if (State is not (SctpState.Closed or SctpState.CookieWait)) Emit(new SctpAbort(false, [new(cause)]));
        Close(fault);
    }

    /// <summary>The peer has begun anew: this association is over, and the peer knows nothing of it.</summary>
    public void EndByRestart() => Close(SocketFault.ConnectionReset);

    public void Receive(SctpPacket packet, long now)
    {
        if (State == SctpState.Closed || !HasItsTag(packet)) return;
        var carriesData = false;
        foreach (var chunk in packet.Chunks)
        {
            switch (chunk)
            {
                case SctpData data:
                    carriesData |= OnData(data);
                    break;
                case SctpSack sack: OnSack(sack, now); break;
                case SctpInitAck answer: OnInitAck(answer, now); break;
                case SctpCookieAck: OnCookieAck(now); break;
                case SctpError error: OnError(error, now); break;
                case SctpHeartbeat heartbeat when _peerTag != 0: Emit(new SctpHeartbeatAck(heartbeat.Information)); break;
                case SctpHeartbeatAck heartbeat: OnHeartbeatAck(heartbeat, now); break;
                case SctpShutdown shutdown: OnShutdown(shutdown, now); break;
                case SctpShutdownAck: OnShutdownAck(packet); break;
                case SctpShutdownComplete when State == SctpState.ShutdownAckSent: Close(null); break;
                case SctpAbort: Close(State is SctpState.CookieWait or SctpState.CookieEchoed ? SocketFault.ConnectionRefused : SocketFault.ConnectionReset); break;
                default: break; // INIT and COOKIE ECHO come in otherwise
            }
            if (State == SctpState.Closed) return;
        }
        if (carriesData) Acknowledge(now);
        Transmit(now);
        if (_acknowledgeNow) SendSack();
    }

    /// <summary>A deadline has passed.</summary>
    public void Tick(long now)
    {
        if (now >= _acknowledgeAt) SendSack();
        if (now >= _retransmitAt) OnRetransmitTimer(now);
        if (now >= _heartbeatAt) OnHeartbeatTimer(now);
    }

    /// <summary>8.5.1: whose tag a packet carries depends on what is in it.</summary>
    private bool HasItsTag(SctpPacket packet)
    {
        foreach (var chunk in packet.Chunks)
        {
            switch (chunk)
            {
                case SctpAbort { TagIsReflected: true } or SctpShutdownComplete { TagIsReflected: true }: return packet.VerificationTag == _peerTag && _peerTag != 0;
                case SctpShutdownAck when State is SctpState.CookieWait or SctpState.CookieEchoed: return true;
                default: break;
            }
        }
        return packet.VerificationTag == _tag;
    }

    private void OnRetransmitTimer(long now)
    {
        _retransmitAt = Never;
        _isTiming = false;
        var setsUp = State is SctpState.CookieWait or SctpState.CookieEchoed;
        if (++_failures > (setsUp ? _settings.InitRetries : _settings.Retries))
        {
            GiveUp();
            return;
        }
        _timeout.BackOff();
        switch (State)
        {
            case SctpState.CookieWait: SendInit(now); break;
            case SctpState.CookieEchoed: SendCookie(now); break;
            case SctpState.ShutdownSent: SendShutdown(now); break;
            case SctpState.ShutdownAckSent: SendShutdownAck(now); break;
            default: RetransmitAll(now); break;
        }
    }

    /// <summary>8.3: an association on which nothing was sent for a while asks whether the peer is still there.</summary>
    private void OnHeartbeatTimer(long now)
    {
        if (_heartbeatIsOut && ++_failures > _settings.Retries)
        {
            GiveUp();
            return;
        }
        if (_isIdle && MovesData)
        {
            var information = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(information, now);
            Emit(new SctpHeartbeat(information));
            _heartbeatIsOut = true;
        }
        _isIdle = true;
        ArmHeartbeat(now);
    }

    private void OnHeartbeatAck(SctpHeartbeatAck heartbeat, long now)
    {
        if (!_heartbeatIsOut || heartbeat.Information.Length != 8) return;
        var sent = BinaryPrimitives.ReadInt64BigEndian(heartbeat.Information.Span);
        if (sent > now) return;
        (_heartbeatIsOut, _failures) = (false, 0);
        _timeout.Measure(now - sent);
    }

    private void ArmHeartbeat(long now) => _heartbeatAt = now + _settings.HeartbeatInterval + _timeout.Current;

    private void ArmRetransmit(long now) => _retransmitAt = now + _timeout.Current;

    private void GiveUp()
    {
        if (_peerTag != 0) Emit(new SctpAbort(false, []));
        Close(SocketFault.TimedOut);
    }

    private void Close(SocketFault? fault)
    {
        if (State == SctpState.Closed) return;
        State = SctpState.Closed;
        (_retransmitAt, _acknowledgeAt, _heartbeatAt) = (Never, Never, Never);
        _acknowledgeNow = false;
        _outstanding.Clear();
        _unsent.Clear();
        _output.OnClosed(fault);
    }

    private void Emit(params ImmutableArray<SctpChunk> chunks) => Emit(_peerTag, chunks);

    private void Emit(uint tag, ImmutableArray<SctpChunk> chunks) =>
        _output.Transmit(new SctpPacket(_local.Address, _remote.Address, _local.Port, _remote.Port, tag, chunks));
}
