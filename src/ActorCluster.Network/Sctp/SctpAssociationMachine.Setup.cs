using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Sctp;

// Setting an association up (RFC 9260, 5), and telling what belongs to it from what begins a new one.
internal sealed partial class SctpAssociationMachine
{
    private readonly uint _initialTsn;
    private ReadOnlyMemory<byte> _cookie;
    private long _initSentAt = Never;
    private int _inboundStreams;
    private uint _peerWindowAtFirst;

    /// <summary>Streams that messages may be sent on; known from the handshake on.</summary>
    public int OutboundStreams { get; private set; }

    /// <summary>Opens actively: sends INIT.</summary>
    public void Connect(long now)
    {
        State = SctpState.CookieWait;
        SendInit(now);
    }

    /// <summary>Opens passively, for a cookie of ours that came back: sends COOKIE ACK.</summary>
    public void Accept(in SctpCookie cookie, long now)
    {
        TakePeer(cookie.PeerTag, cookie.PeerTsn, cookie.PeerWindow, cookie.PeerOutboundStreams, cookie.PeerInboundStreams);
        Establish(now);
        Emit(new SctpCookieAck());
    }

    /// <summary>An INIT for this pair of sockets: both opened at once, a stray copy, or a peer that lost its memory. The cookie will tell (5.2.1, 5.2.2).</summary>
    public void OnInit(SctpPacket init, long now)
    {
        switch (State)
        {
            case SctpState.Closed: break;
            case SctpState.CookieWait: _output.Transmit(_secrets.Answer(init, _tag, _initialTsn, _settings, now)); break;
            case SctpState.CookieEchoed: _output.Transmit(_secrets.Answer(init, _tag, _initialTsn, _settings, now, _tag, _peerTag)); break;
            case SctpState.ShutdownAckSent: SendShutdownAck(now); break;
            default: _output.Transmit(_secrets.Answer(init, _secrets.NextTag(), _secrets.NextTsn(), _settings, now, _tag, _peerTag)); break;
        }
    }

    /// <summary>A cookie of ours that came back, while there is this association (5.2.4, table 12).</summary>
    public CookieMeaning Judge(in SctpCookie cookie)
    {
        var (localMatches, peerMatches) = (cookie.LocalTag == _tag, cookie.PeerTag == _peerTag);
        if (localMatches && (peerMatches || State is SctpState.CookieWait or SctpState.CookieEchoed)) return CookieMeaning.ThisAssociation;
        // The tie tags prove that it was made after this association. (The table wants a new tag of the peer as well, but a pod that is made again
        // under its name draws the same one.)
        if (localMatches || cookie.LocalTieTag != _tag || cookie.PeerTieTag != _peerTag) return CookieMeaning.Nothing;
        return State == SctpState.ShutdownAckSent ? CookieMeaning.TooEarly : CookieMeaning.Restart;
    }

    /// <summary>A cookie of this association came (back, or again: its COOKIE ACK was lost).</summary>
    public void OnCookie(in SctpCookie cookie, long now)
    {
        if (State is SctpState.CookieWait or SctpState.CookieEchoed)
        {
            if (cookie.PeerTag != _peerTag) TakePeer(cookie.PeerTag, cookie.PeerTsn, cookie.PeerWindow, cookie.PeerOutboundStreams, cookie.PeerInboundStreams);
            Establish(now);
        }
        Emit(new SctpCookieAck());
    }

    /// <summary>A new association is asked for while this one isn't quite over (5.2.4, action A): the peer is told to end it first.</summary>
    public void OnCookieTooEarly(in SctpCookie cookie) =>
        Emit(cookie.PeerTag, [new SctpShutdownAck(), new SctpError([new(SctpCauseCode.CookieReceivedWhileShuttingDown)])]);

    private void OnInitAck(SctpInitAck answer, long now)
    {
        if (State != SctpState.CookieWait) return;
        if (answer.Tag == 0 || answer.OutboundStreams == 0 || answer.InboundStreams == 0 || answer.Cookie.IsEmpty)
        {
            Close(SocketFault.ConnectionRefused); // 3.3.3
            return;
        }
        if (_initSentAt != Never) _timeout.Measure(now - _initSentAt);
        TakePeer(answer.Tag, answer.InitialTsn, answer.Window, answer.OutboundStreams, answer.InboundStreams);
        _cookie = answer.Cookie;
        State = SctpState.CookieEchoed;
        SendCookie(now);
    }

    private void OnCookieAck(long now)
    {
        if (State == SctpState.CookieEchoed) Establish(now);
    }

    private void OnError(SctpError error, long now)
    {
        // 5.2.6: our cookie took too long; we ask for another one.
        if (State != SctpState.CookieEchoed || error.Causes is not [{ Code: SctpCauseCode.StaleCookie }, ..]) return;
        State = SctpState.CookieWait;
        _peerTag = 0;
        SendInit(now);
    }

    private void TakePeer(uint tag, uint tsn, uint window, ushort outboundStreams, ushort inboundStreams)
    {
        (_peerTag, _peerWindow, _peerWindowAtFirst) = (tag, window, window);
        OutboundStreams = Math.Min(_settings.OutboundStreams, inboundStreams);
        _inboundStreams = Math.Min(_settings.InboundStreams, outboundStreams);
        _nextSequences = new ushort[OutboundStreams];
        _received = new(tsn);
        _advertised = _settings.ReceiveBuffer; // by INIT or INIT ACK
    }

    private void Establish(long now)
    {
        State = SctpState.Established;
        (_retransmitAt, _failures, _cookie, _isIdle) = (Never, 0, default, true);
        ArmHeartbeat(now);
        _output.OnEstablished();
    }

    private void SendInit(long now)
    {
        _initSentAt = _failures == 0 ? now : Never; // Karn
        Emit(0, [new SctpInit(_tag, (uint)_settings.ReceiveBuffer, _settings.OutboundStreams, _settings.InboundStreams, _initialTsn)]);
        ArmRetransmit(now);
    }

    private void SendCookie(long now)
    {
        Emit(new SctpCookieEcho(_cookie));
        ArmRetransmit(now);
    }
}

/// <summary>What a cookie means to an association that there is already.</summary>
internal enum CookieMeaning : byte
{
    /// <summary>A stray copy.</summary>
    Nothing,
    ThisAssociation,

    /// <summary>The peer has forgotten this association and begins a new one.</summary>
    Restart,

    /// <summary>Likewise, but this one waits for its last packet.</summary>
    TooEarly,
}
