using ActorCluster.Network.Packets;
using ActorCluster.Network.Timing;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>One translated flow: what the client sends, and what goes on in its stead.</summary>
/// <param name="original">As the client sends it, to the service's address.</param>
/// <param name="translated">As it goes on: to the endpoint, and masqueraded if need be.</param>
internal sealed class ConntrackEntry(FlowKey original, FlowKey translated, string service) : IDueItem
{
    private bool _replied;
    private bool _finFromClient;
    private bool _finFromServer;
    private bool _reset;
    private SctpFlowState _association;

    /// <summary>What all packets from the client become.</summary>
    public PacketEnds TranslatedEnds { get; } = translated.ToEnds();

    /// <summary>What all packets of the endpoint become.</summary>
    public PacketEnds TranslatedReplyEnds { get; } = original.Reversed.ToEnds();

    // The four keys are made of these two when somebody asks: there are as many entries as there were connections in the last minutes, and most are never looked at again.
    public FlowKey Original => TranslatedReply.Reversed;
    public FlowKey Translated => new(TranslatedEnds, Protocol);

    /// <summary>What the endpoint's packets look like.</summary>
    public FlowKey Reply => Translated.Reversed;

    public FlowKey TranslatedReply => new(TranslatedReplyEnds, Protocol);

    public IpProtocol Protocol { get; } = original.Protocol;

    public string Service { get; } = service;

    /// <summary>False: a flow that is only remembered so that its replies pass.</summary>
    public bool IsTranslated { get; } = !original.Equals(translated);

    /// <summary>Network policies have let the flow's first packet pass; they aren't asked again.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>Seconds on the node's clock.</summary>
    public long LastSeen { get; set; }

    public bool IsRemoved { get; set; }

    /// <summary>What is looked at and changed is with <see cref="FinishedFlows"/>.</summary>
    public bool IsOfFinished { get; set; }

    int IDueItem.QueueIndex { get; set; } = DueQueue.NotQueued;

    /// <summary>Where the flow's two directions went last time, valid as long as <see cref="RoutesVersion"/> is the node's.</summary>
    public IActorRef? ForwardPod { get; set; }

    public IActorRef? ReplyPod { get; set; }

    /// <summary>Whether each direction's packets lose a hop here; valid as the two above.</summary>
    public bool ForwardIsRouted { get; set; }

    public bool ReplyIsRouted { get; set; }
    public int RoutesVersion { get; set; } = -1;

    /// <summary>Both sides are done: the next SYN or INIT from the same port is a new flow.</summary>
    public bool IsOver => _reset || (_finFromClient && _finFromServer);

    public long ExpiresAt => LastSeen + Timeout;

    /// <summary>Seconds without a packet after which a TCP flow is forgotten that both sides have closed (net.netfilter.nf_conntrack_tcp_timeout_time_wait).</summary>
    public const long FinishedTimeout = 120;

    /// <summary>May <see cref="FinishedFlows"/> have it?</summary>
    public bool IsFinished => Protocol == IpProtocol.Tcp && _finFromClient && _finFromServer && !_reset;

    /// <summary>Seconds without a packet after which the flow is forgotten (net.netfilter.nf_conntrack_*; established and half-closed as kube-proxy sets them).</summary>
    private long Timeout => Protocol switch
    {
        IpProtocol.Tcp when _reset => 10,
        IpProtocol.Tcp when IsOver => FinishedTimeout,
        IpProtocol.Tcp when _finFromClient || _finFromServer => 3600,
        IpProtocol.Tcp when _replied => 86400,
        IpProtocol.Tcp => 120,
        IpProtocol.Sctp => _association.Timeout(),
        _ => _replied ? 120 : 30,
    };

    public static ConntrackEntry OfFinished(FlowKey original, FlowKey translated, string service, long lastSeen) => new(original, translated, service)
    {
        IsOfFinished = true, IsAdmitted = true, LastSeen = lastSeen, _replied = true, _finFromClient = true, _finFromServer = true,
    };

    /// <summary>Is this what the client's packets look like?</summary>
    public bool IsOriginal(in FlowKey key) => key.Protocol == Protocol && key.MatchesReversed(TranslatedReplyEnds);

    /// <summary>Is this what the endpoint's packets look like?</summary>
    public bool IsReply(in FlowKey key) => key.Protocol == Protocol && key.MatchesReversed(TranslatedEnds);

    /// <summary>Takes note of a packet of this flow.</summary>
    /// <returns>True: the flow's timeout became shorter.</returns>
    public bool Observe(Packet packet, bool reply, long now)
    {
        if (packet is not TcpPacket tcp)
        {
            if (packet is SctpPacket sctp) return Observe(sctp, reply, now);
            LastSeen = now;
            if (reply) _replied = true;
            return false;
        }
        LastSeen = now;
        if (reply) _replied = true;
        if ((tcp.Flags & (TcpFlags.Fin | TcpFlags.Rst)) == 0) return false;
        if (tcp.Flags.HasFlag(TcpFlags.Rst)) _reset = true;
        else if (reply) _finFromServer = true;
        else _finFromClient = true;
        return true;
    }

    private bool Observe(SctpPacket packet, bool reply, long now)
    {
        var before = _association;
        _association = before.After(packet, reply);
        // As in the kernel, an INIT that is sent again doesn't keep its flow: where nobody answers, the choice of the endpoint isn't for ever.
        if (before != SctpFlowState.CookieWait || !packet.IsInit) LastSeen = now;
        _reset = _association == SctpFlowState.Closed;
        return _association.Timeout() < before.Timeout();
    }
}
