using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Tracing;

namespace ActorCluster.Network.Forwarding;

/// <summary>
/// Where network policies stand in a packet's way: at the sender's node its egress, at the receiver's node its ingress, both after a service's address
/// has become an endpoint's. They are asked about a flow's first packet only: a segment other than a SYN, an SCTP packet other than
/// an INIT, a reply or an error passes.
/// </summary>
internal sealed partial class NodeForwarding
{
    private readonly Dictionary<IpAddress, PodIdentity> _identities = [];

    /// <summary>Pods that the tables don't know yet, with the policies that select them by the tables of <see cref="_governedVersion"/>.</summary>
    private readonly Dictionary<IpAddress, GovernedPod> _governed = [];

    private static readonly TraceStep NoPolicies = new("policy", "the cluster has none");

    private int _governedVersion;
    private long _now;

    /// <summary>While there are policies, datagrams' flows are remembered, so that replies pass.</summary>
    public bool TracksFlows => !Tables.Policies.IsEmpty;

    /// <summary>A packet of a flow that is remembered so that its replies pass.</summary>
    private void Pass(Packet packet, ConntrackEntry entry, bool reply, List<TraceStep>? steps)
    {
        steps?.Add(new("conntrack", $"{(reply ? "reply of" : "part of")} {entry.Original}"));
        if (steps is null) Conntrack.Observe(entry, packet, reply, _now);
    }

    /// <param name="packet">As it goes on to its receiver.</param>
    /// <param name="sender">Who sent it, whatever address it goes under.</param>
    /// <returns>Null: it passes.</returns>
    private Verdict? Refusal(Packet packet, IpAddress sender, List<TraceStep>? steps)
    {
        if (Tables.Policies.IsEmpty)
        {
            steps?.Add(NoPolicies);
            return null;
        }
        if (!OpensFlow(packet, out var key)) return null;
        var decision = Judge(packet, key, sender, steps, out var isGoverned);
        if (decision is not null) return new(Fate.Drop, Reason.NetworkPolicy, packet, Policy: decision);
        if (!isGoverned || steps is not null || packet is not UdpPacket) return null;
        if (Conntrack.IsFull) Conntrack.Expire(_now);
        if (Conntrack.IsFull) return new(Fate.Drop, Reason.ConntrackFull, packet);
        Conntrack.TryAdd(new(key, key, "") { IsAdmitted = true }, _now);
        return null;
    }

    /// <summary>The first packet of a flow to a service, which goes to an endpoint now.</summary>
    private Verdict? DecideAdmission(Packet packet, ConntrackEntry entry, List<TraceStep>? steps)
    {
        if (Tables.Policies.IsEmpty) steps?.Add(NoPolicies);
        else if (OpensFlow(packet, out var key) && Judge(packet, key, entry.Original.Source, steps, out _) is { } decision)
        {
            // Not remembered, as in the kernel, where what is dropped is never confirmed: the next attempt may go to another endpoint.
            if (steps is null) Conntrack.Remove(entry);
            return new(Fate.Drop, Reason.NetworkPolicy, packet, Policy: decision);
        }
        if (steps is null) entry.IsAdmitted = true;
        return null;
    }

    /// <returns>The decision that forbids the flow; null if none does.</returns>
    /// <param name="sender">Who sent it: also where this node masquerades, which the kernel does after its filters have seen the packet (NF_INET_POST_ROUTING).</param>
    /// <param name="isGoverned">Whether a pod of this node at one of the flow's ends is isolated in any direction.</param>
    private PolicyDecision? Judge(Packet packet, in FlowKey key, IpAddress sender, List<TraceStep>? steps, out bool isGoverned)
    {
        isGoverned = false;
        // What a pod tells itself never leaves it, even by way of a service.
        if (sender == packet.Destination) return null;
        var decision = JudgeAt(PolicyDirection.Egress, sender, packet.Destination, key, steps, ref isGoverned);
        return decision ?? JudgeAt(PolicyDirection.Ingress, packet.Destination, sender, key, steps, ref isGoverned);
    }

    private PolicyDecision? JudgeAt(PolicyDirection direction, IpAddress end, IpAddress peer, in FlowKey key, List<TraceStep>? steps, ref bool isGoverned)
    {
        if (!_pods.ContainsKey(end) || Governed(end) is not { } pod) return null;
        var name = direction == PolicyDirection.Ingress ? "ingress" : "egress";
        if (pod.Policies(direction).IsEmpty) steps?.Add(new("policy", $"{name} of {pod.Pod}: no policy isolates it"));
        if (!pod.IsIsolated) return null;
        isGoverned = true;
        if (IsOwn(peer) && !pod.Policies(direction).IsEmpty)
        {
            // "Traffic to and from the node where a Pod is running is always allowed."
            steps?.Add(new("policy", $"{name} of {pod.Pod}: its own node is always allowed"));
            return null;
        }
        if (Tables.Policies.Evaluate(direction, pod, peer, key.Protocol, key.DestinationPort) is not { } decision) return null;
        steps?.Add(new("policy", decision.ToString()));
        return decision.IsAllowed ? null : decision;
    }

    private GovernedPod? Governed(IpAddress address)
    {
        var isKnown = Tables.Policies.TryGetPod(address, out var pod);
        if (!_identities.TryGetValue(address, out var local)) return pod;
        if (isKnown && pod!.Pod.Uid == local.Uid) return pod;
        // The tables are behind: they know nothing of the pod yet, or still its predecessor with this address.
        if (_governedVersion != _version) _governed.Clear();
        _governedVersion = _version;
        if (!_governed.TryGetValue(address, out pod)) _governed.Add(address, pod = Tables.Policies.Govern(local));
        return pod;
    }

    private static bool OpensFlow(Packet packet, out FlowKey key)
    {
        switch (packet)
        {
            case TcpPacket tcp:
                FlowKey.TryOf(tcp, out key);
                return (tcp.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn;
            case UdpPacket udp: return FlowKey.TryOf(udp, out key);
            case SctpPacket sctp:
                FlowKey.TryOf(sctp, out key);
                return sctp.IsInit;
            default:
                key = new(packet.Source, packet.Destination, 0, 0, IpProtocol.Icmp);
                return packet is IcmpPacket { Kind: IcmpKind.EchoRequest };
        }
    }
}
