using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>
/// A node's data path without actors: what a packet's fate is, given the cluster's tables, the node's pods and its conntrack. The actor
/// carries verdicts out; <c>trace</c> asks for the same verdict with its steps.
/// </summary>
internal sealed partial class NodeForwarding(string nodeName, NodeAddresses nodeAddresses, int conntrackMaximum)
{
    private readonly Dictionary<IpAddress, IActorRef> _pods = [];
    private readonly ServiceRules _services = new(nodeName, nodeAddresses);
    private int _version;
    private MasqueradePorts _masqueradePorts;

    public NetworkTables Tables { get; private set; } = NetworkTables.Empty;

    public Conntrack Conntrack { get; } = new(conntrackMaximum);

    public bool HostIsAttached { get; set; }

    public void Replace(NetworkTables tables)
    {
        var before = Tables;
        (Tables, _version) = (tables, _version + 1);
        _services.SetZone(tables.TryGetNode(nodeName, out var node) ? node.Zone : "");
        foreach (var service in Conntrack.DatagramServices)
        {
            // Unchanged services are the same object: a change of one costs nothing in the others.
            if (tables.TryGetService(service, out var now) && (!before.TryGetService(service, out var old) || !ReferenceEquals(now, old))) ClearStaleDatagramFlows(service);
        }
    }

    /// <param name="identity">Who the pod is, for policies; null: the tables say it, in a while.</param>
    public void Attach(IEnumerable<IpAddress> addresses, IActorRef pod, PodIdentity? identity = null, ImmutableArray<HostPort> hostPorts = default)
    {
        if (!hostPorts.IsDefaultOrEmpty) AttachHostPorts(hostPorts, pod);
        foreach (var address in addresses)
        {
            _pods[address] = pod;
            if (identity is not null) _identities[address] = identity;
        }
        _version++;
    }

    public void Detach(IActorRef pod)
    {
        DetachHostPorts(pod);
        foreach (var (address, _) in _pods.Where(attached => attached.Value.Equals(pod)).ToArray())
        {
            _pods.Remove(address);
            _identities.Remove(address);
            Conntrack.RemoveAll(address);
        }
        _version++;
    }

    /// <param name="now">Whole seconds, for conntrack.</param>
    /// <param name="steps">Gets what was looked at, in order, when given; the packet then leaves no mark on conntrack.</param>
    public Verdict Decide(Packet packet, long now, List<TraceStep>? steps = null)
    {
        _now = now;
        var isKnown = false;
        if (FlowKey.TryOf(packet, out var key))
        {
            if (Conntrack.TryGet(key, out var entry, out var reply) && (reply || !Reopens(packet, entry)))
            {
                if (entry.IsTranslated) return DecideTracked(packet, entry, reply, now, steps);
                Pass(packet, entry, reply, steps);
                isKnown = true;
            }
            else
            {
                steps?.Add(new("conntrack", $"{key}: not known, a new flow"));
            }
        }
        else if (packet is IcmpPacket { Original: { } original } error && FlowKey.TryOf(original, out var about)
            && Conntrack.TryGet(about.Reversed, out var entry, out var towardsServer))
        {
            packet = TranslateError(error, original, entry, towardsServer);
            steps?.Add(new("conntrack", $"an error about {entry.Translated}, part of {entry.Original}"));
        }
        else
        {
            key = new(packet.Source, packet.Destination, 0, 0, IpProtocol.Icmp);
        }
        if (!_pods.TryGetValue(packet.Destination, out var pod)) return DecideElsewhere(packet, key, isKnown, steps);
        if (!isKnown && Refusal(packet, packet.Source, steps) is { } refusal) return refusal;
        // Pods of one node are on one bridge with each other; what comes from elsewhere is routed to them.
        if (nodeAddresses.Contains(packet.Source) || _pods.ContainsKey(packet.Source)) return ToPod(packet, pod, Reason.LocalPod, steps);
        return packet.TimeToLive <= 1 ? TimeExceeded(packet, steps) : ToPod(packet.OneHopOn(), pod, Reason.LocalPod, steps);
    }

    /// <summary>Remembers the endpoint that was chosen for a flow, so that its packets go there from now on.</summary>
    /// <returns>False: there is no room. If the flow is known already its first choice stays.</returns>
    public bool Bind(Packet packet, ServiceFlow flow, ServiceEndpoint endpoint, long now)
    {
        if (!FlowKey.TryOf(packet, out var original)) return false;
        if (Conntrack.TryGet(original, out var known, out var reply))
        {
            if (reply || !Reopens(packet, known)) return true;
            Conntrack.Remove(known);
        }
        if (Conntrack.IsFull) Conntrack.Expire(now);
        if (Conntrack.IsFull) return false;
        var translated = original with { Destination = endpoint.Address, DestinationPort = endpoint.Port };
        // A pod that reaches itself through its service must not see its own address as the sender: it would answer past us.
        var hairpin = endpoint.Address == packet.Source;
        var source = hairpin || flow.Masquerade ? nodeAddresses.Towards(packet.Source) : packet.Source;
        if (source == packet.Source && !hairpin && Conntrack.TryAdd(new(original, translated, flow.Port.Service), now)) return true;
        // Masqueraded, or the endpoint knows a flow with these very ends already: from another port, as the kernel's NAT does it.
        return BindFromAnotherPort(original, translated with { Source = source }, flow.Port.Service, now);
    }

    private bool BindFromAnotherPort(FlowKey original, FlowKey translated, string service, long now) => _masqueradePorts.TryTake(
        nodeAddresses.Contains(translated.Destination), port => Conntrack.TryAdd(new(original, translated with { SourcePort = port }, service), now));

    /// <summary>Takes back what <see cref="Bind"/> remembered.</summary>
    public void Forget(Packet packet)
    {
        if (FlowKey.TryOf(packet, out var key) && Conntrack.TryGet(key, out var entry, out _)) Conntrack.Remove(entry);
    }

    /// <summary>"namespace/name" of the node's pod that has an address; its address if its name isn't known.</summary>
    /// <returns>Null: no pod of this node has the address.</returns>
    public string? NameAt(IpAddress address) =>
        _identities.TryGetValue(address, out var identity) ? identity.FullName : _pods.ContainsKey(address) ? address.ToString() : null;

    /// <returns>Null: no pod of this node has the address.</returns>
    public IActorRef? PodAt(IpAddress address) => _pods.GetValueOrDefault(address);

    /// <summary>Whether one of the node's pods or the node itself has an address.</summary>
    public bool IsLocal(IpAddress address) => nodeAddresses.Contains(address) || _pods.ContainsKey(address);

    /// <summary>Must a packet that the node's own namespace sends to one of its own addresses pass here, because it is a service's? Thread-safe.</summary>
    /// <remarks>NodePorts are not at ::1, only at 127.0.0.1 (pkg/proxy/iptables/proxier.go: for IPv6 they never work there).</remarks>
    public static bool IsServiceTraffic(NetworkTables tables, Packet packet) =>
        FlowKey.TryOf(packet, out var key) && key.Destination != IpAddress.LoopbackV6
        && (key.DestinationPort >= MasqueradePorts.FirstHigh && !key.Destination.IsLoopback || tables.TryGetNodePort(key.DestinationPort, key.Protocol, key.Destination.IsV4, out _));

    private Verdict DecideTracked(Packet packet, ConntrackEntry entry, bool reply, long now, List<TraceStep>? steps)
    {
        steps?.Add(new("conntrack", $"{(reply ? "reply of" : "part of")} {entry.Original}, {Purpose(entry)}: becomes {(reply ? entry.TranslatedReply : entry.Translated)}"));
        if (steps is null) Conntrack.Observe(entry, packet, reply, now);
        if (entry.RoutesVersion != _version) Reroute(entry);
        var routed = reply ? entry.ReplyIsRouted : entry.ForwardIsRouted;
        if (routed && packet.TimeToLive <= 1) return TimeExceeded(packet, steps);
        var translated = packet.WithEnds(reply ? entry.TranslatedReplyEnds : entry.TranslatedEnds, routed ? (byte)(packet.TimeToLive - 1) : packet.TimeToLive);
        if (!reply && !entry.IsAdmitted && DecideAdmission(translated, entry, steps) is { } refusal) return refusal;
        return (reply ? entry.ReplyPod : entry.ForwardPod) is { } pod
            ? ToPod(translated, pod, Reason.ServiceFlow, steps)
            : DecideRoute(translated, hop: false, steps);
    }

    private void Reroute(ConntrackEntry entry)
    {
        entry.ForwardPod = _pods.GetValueOrDefault(entry.Translated.Destination);
        entry.ReplyPod = _pods.GetValueOrDefault(entry.Original.Source);
        entry.ForwardIsRouted = IsRouted(entry.Original.Source, entry.Translated.Destination);
        entry.ReplyIsRouted = IsRouted(entry.Reply.Source, entry.TranslatedReply.Destination);
        entry.RoutesVersion = _version;
    }

    /// <summary>Translated packets are routed, also between pods of one node, and lose a hop; what the node itself sends or gets does not.</summary>
    private bool IsRouted(IpAddress source, IpAddress translatedDestination) => !IsOwn(source) && !nodeAddresses.Contains(translatedDestination);

    /// <param name="isKnown">The packet is no flow's first, so that policies have been asked.</param>
    private Verdict DecideElsewhere(Packet packet, in FlowKey key, bool isKnown, List<TraceStep>? steps)
    {
        var destination = packet.Destination;
        if (IsOwn(destination))
        {
            if (Tables.TryGetNodePort(key.DestinationPort, key.Protocol, destination.IsV4, out var nodePort))
                return _services.Decide(nodePort, packet, _pods.ContainsKey(packet.Source), Tables, steps);
            return TryGetHostPort(key, out var hostPort) ? ToHostPort(packet, hostPort, steps) : ToHost(packet, steps);
        }
        if (Tables.TryGetFrontend(new(destination, key.DestinationPort, key.Protocol), out var frontend)) return _services.Decide(frontend, packet, _pods.ContainsKey(packet.Source), Tables, steps);
        if (!Tables.IsServiceAddress(destination))
            return (isKnown ? null : Refusal(packet, packet.Source, steps)) ?? DecideRoute(packet, hop: !nodeAddresses.Contains(packet.Source), steps);
        if (!Tables.TryGetClusterIp(destination, out var service))
        {
            // As kube-proxy: nothing answers for an address that no service has (pkg/proxy/nftables/proxier.go, cluster-ips-check).
            steps?.Add(new("service", $"{destination} belongs to no service"));
            return new(Fate.Drop, Reason.UnassignedServiceAddress, packet);
        }
        steps?.Add(new("service", $"{service.Key} has no port {key.DestinationPort} for {key.Protocol.ToString().ToUpperInvariant()}"));
        return new(Fate.Reject, Reason.NoSuchServicePort, packet, Answer: IcmpKind.PortUnreachable);
    }

    /// <param name="hop">Whether this costs the packet a hop.</param>
    private Verdict DecideRoute(Packet packet, bool hop, List<TraceStep>? steps)
    {
        if (IsOwn(packet.Destination)) return ToHost(packet, steps);
        if (!Tables.TryRoute(packet.Destination, out var node))
        {
            steps?.Add(new("route", $"there is none to {packet.Destination}"));
            return new(Fate.Reject, Reason.NoRoute, packet, Answer: IcmpKind.NetworkUnreachable);
        }
        if (node.Name == nodeName)
        {
            steps?.Add(new("route", $"{packet.Destination} is of this node, but no pod has it"));
            return new(Fate.Reject, Reason.NoSuchPod, packet, Answer: IcmpKind.HostUnreachable);
        }
        if (hop && packet.TimeToLive <= 1) return TimeExceeded(packet, steps);
        steps?.Add(new("route", $"{packet.Destination} is behind node {node.Name}"));
        return new(Fate.ForwardToNode, Reason.RemoteNode, hop ? packet.OneHopOn() : packet, Node: node);
    }

    private static string Purpose(ConntrackEntry entry) => entry.Service == HostPortFlows ? HostPortFlows : $"service {entry.Service}";

    private bool IsOwn(IpAddress address) => nodeAddresses.Contains(address) || address.IsLoopback;

    /// <summary>
    /// UDP flows to endpoints that no longer serve are forgotten, if others do: the client's next datagram is a new flow. Traffic policies play no
    /// part, and flows of a service that has no endpoints left stay (pkg/proxy/conntrack/cleanup.go).
    /// </summary>
    private void ClearStaleDatagramFlows(string service)
    {
        foreach (var flow in Conntrack.DatagramFlows(service))
        {
            var known = IsOwn(flow.Original.Destination)
                ? Tables.TryGetNodePort(flow.Original.DestinationPort, IpProtocol.Udp, flow.Original.Destination.IsV4, out var frontend)
                : Tables.TryGetFrontend(new(flow.Original.Destination, flow.Original.DestinationPort, IpProtocol.Udp), out frontend);
            if (!known || (frontend!.Port.Ready.IsEmpty && frontend.Port.ServingTerminating.IsEmpty)) continue;
            if (!frontend.Port.Ready.Any(IsItsEndpoint) && !frontend.Port.ServingTerminating.Any(IsItsEndpoint)) Conntrack.Remove(flow);

            bool IsItsEndpoint(ServiceEndpoint endpoint) => endpoint.Address == flow.Translated.Destination && endpoint.Port == flow.Translated.DestinationPort;
        }
    }

    private static Verdict TimeExceeded(Packet packet, List<TraceStep>? steps)
    {
        steps?.Add(new("route", "time to live exceeded"));
        return new(Fate.Reject, Reason.TimeToLiveExceeded, packet, Answer: IcmpKind.TimeExceeded);
    }

    private Verdict ToHost(Packet packet, List<TraceStep>? steps)
    {
        steps?.Add(new("deliver", $"to node {nodeName} itself"));
        return HostIsAttached ? new(Fate.DeliverToHost, Reason.LocalNode, packet) : new(Fate.Drop, Reason.HostNetworkNotAttached, packet);
    }

    /// <summary>To what is attached at an address: a pod, or the node's way out of the cluster, which has no identity.</summary>
    private Verdict ToPod(Packet packet, IActorRef pod, Reason reason, List<TraceStep>? steps)
    {
        steps?.Add(new("deliver", _identities.TryGetValue(packet.Destination, out var identity) ? $"to pod {identity}, {packet.Destination}" : $"to {packet.Destination}, which is outside the cluster"));
        return new(Fate.DeliverToPod, reason, packet, Pod: pod);
    }

    /// <summary>A SYN or INIT on a flow that is over starts a new one.</summary>
    private static bool Reopens(Packet packet, ConntrackEntry entry) =>
        entry.IsOver && (packet is TcpPacket { Flags: var flags } ? (flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn : packet is SctpPacket { IsInit: true });

    /// <summary>An ICMP error about a translated packet goes to who sent the original, and quotes what that one sent.</summary>
    private static IcmpPacket TranslateError(IcmpPacket error, Packet original, ConntrackEntry entry, bool aboutForward) => aboutForward
        ? error with { Destination = entry.Original.Source, Original = original.WithFlow(entry.Original) }
        : error with { Destination = entry.Translated.Destination, Original = original.WithFlow(entry.Reply) };
}
