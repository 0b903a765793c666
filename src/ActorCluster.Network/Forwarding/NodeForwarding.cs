using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>
/// A node's data path without actors: what a packet's fate is, given the cluster's tables, the node's pods and its conntrack. The actor
/// carries verdicts out; <c>trace</c> asks for the same verdict with its steps.
/// </summary>
internal sealed class NodeForwarding(string nodeName, IpAddress nodeAddress, int conntrackMaximum)
{
    // Outside the range that host programs get their ports from, so that masqueraded flows never meet theirs.
    private const int FirstMasqueradePort = 61000;
    private const int MasqueradePorts = 65536 - FirstMasqueradePort;

    private readonly Dictionary<IpAddress, IActorRef> _pods = [];
    private int _version;
    private int _lastMasqueradePort;

    public NetworkTables Tables { get; private set; } = NetworkTables.Empty;

    public Conntrack Conntrack { get; } = new(conntrackMaximum);

    public bool HostIsAttached { get; set; }

    public void Replace(NetworkTables tables) => (Tables, _version) = (tables, _version + 1);

    public void Attach(IEnumerable<IpAddress> addresses, IActorRef pod)
    {
        foreach (var address in addresses) _pods[address] = pod;
        _version++;
    }

    public void Detach(IActorRef pod)
    {
        foreach (var (address, _) in _pods.Where(attached => attached.Value.Equals(pod)).ToArray())
        {
            _pods.Remove(address);
            Conntrack.RemoveAll(address);
        }
        _version++;
    }

    /// <param name="now">Whole seconds, for conntrack.</param>
    /// <param name="steps">Gets what was looked at, in order, when given; the packet then leaves no mark on conntrack.</param>
    public Verdict Decide(Packet packet, long now, List<TraceStep>? steps = null)
    {
        if (FlowKey.TryOf(packet, out var key))
        {
            if (Conntrack.TryGet(key, out var entry, out var reply) && (reply || !Reopens(packet, entry)))
                return DecideTracked(packet, entry, reply, now, steps);
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
        return _pods.TryGetValue(packet.Destination, out var pod) ? ToPod(packet, pod, Reason.LocalPod, steps) : DecideElsewhere(packet, key, steps);
    }

    /// <summary>Remembers the endpoint that was chosen for a flow, so that its packets go there from now on.</summary>
    /// <returns>False: there is no room. If the flow is known already its first choice stays.</returns>
    public bool Bind(Packet packet, ServicePort service, ServiceEndpoint endpoint, long now)
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
        if (endpoint.Address != packet.Source) return Conntrack.TryAdd(new(original, translated, service.Service), now);
        for (var i = 0; i < MasqueradePorts; i++)
        {
            var port = FirstMasqueradePort + (_lastMasqueradePort + i) % MasqueradePorts;
            var masqueraded = translated with { Source = nodeAddress, SourcePort = (ushort)port };
            if (!Conntrack.TryAdd(new(original, masqueraded, service.Service), now)) continue;
            _lastMasqueradePort = port - FirstMasqueradePort + 1;
            return true;
        }
        return false;
    }

    private Verdict DecideTracked(Packet packet, ConntrackEntry entry, bool reply, long now, List<TraceStep>? steps)
    {
        ref readonly var flow = ref reply ? ref entry.TranslatedReply : ref entry.Translated;
        steps?.Add(new("conntrack", $"{(reply ? "reply of" : "part of")} {entry.Original}, service {entry.Service}: becomes {flow}"));
        if (steps is null && entry.Observe(packet, reply, now)) Conntrack.Requeue(entry, now);
        var translated = packet.WithFlow(flow);
        if (entry.RoutesVersion != _version)
        {
            entry.ForwardPod = _pods.GetValueOrDefault(entry.Translated.Destination);
            entry.ReplyPod = _pods.GetValueOrDefault(entry.Original.Source);
            entry.RoutesVersion = _version;
        }
        return (reply ? entry.ReplyPod : entry.ForwardPod) is { } pod
            ? ToPod(translated, pod, Reason.ServiceFlow, steps)
            : DecideRoute(translated, steps);
    }

    private Verdict DecideElsewhere(Packet packet, in FlowKey key, List<TraceStep>? steps)
    {
        var destination = packet.Destination;
        if (destination == nodeAddress) return ToHost(packet, steps);
        if (!Tables.TryGetClusterIp(destination, out var service))
        {
            if (!Tables.IsServiceAddress(destination)) return DecideRoute(packet, steps);
            // As kube-proxy: nothing answers for an address that no service has (pkg/proxy/nftables/proxier.go, cluster-ips-check).
            steps?.Add(new("service", $"{destination} belongs to no service"));
            return new(Fate.Drop, Reason.UnassignedServiceAddress, packet);
        }
        if (!Tables.TryGetServicePort(new(destination, key.DestinationPort, key.Protocol), out var port))
        {
            steps?.Add(new("service", $"{service.Key} has no port {key.DestinationPort} for {key.Protocol}"));
            return new(Fate.Reject, Reason.NoSuchServicePort, packet, Answer: IcmpKind.PortUnreachable);
        }
        if (port.Ready.IsEmpty && port.ServingTerminating.IsEmpty)
        {
            steps?.Add(new("service", $"{service.Key} port {port.Port} has no endpoints"));
            return new(Fate.Reject, Reason.NoEndpoints, packet, Service: port, Answer: IcmpKind.PortUnreachable);
        }
        steps?.Add(new("service", $"{service.Key} port {port.Port}: a new flow, {port.Ready.Length} endpoints ready"));
        return new(Fate.BindService, Reason.NewServiceFlow, packet, Service: port);
    }

    private Verdict DecideRoute(Packet packet, List<TraceStep>? steps)
    {
        if (packet.Destination == nodeAddress) return ToHost(packet, steps);
        if (!Tables.TryRoute(packet.Destination, out var node))
        {
            steps?.Add(new("route", $"none to {packet.Destination}"));
            return new(Fate.Reject, Reason.NoRoute, packet, Answer: IcmpKind.NetworkUnreachable);
        }
        if (node.Name == nodeName)
        {
            steps?.Add(new("route", $"{packet.Destination} is of this node, but no pod has it"));
            return new(Fate.Reject, Reason.NoSuchPod, packet, Answer: IcmpKind.HostUnreachable);
        }
        if (packet.TimeToLive <= 1)
        {
            steps?.Add(new("route", "time to live exceeded"));
            return new(Fate.Reject, Reason.TimeToLiveExceeded, packet, Answer: IcmpKind.TimeExceeded);
        }
        steps?.Add(new("route", $"{packet.Destination} is behind node {node.Name}"));
        return new(Fate.ForwardToNode, Reason.RemoteNode, packet.OneHopOn(), Node: node);
    }

    private Verdict ToHost(Packet packet, List<TraceStep>? steps)
    {
        steps?.Add(new("deliver", $"to node {nodeName} itself"));
        return HostIsAttached ? new(Fate.DeliverToHost, Reason.LocalNode, packet) : new(Fate.Drop, Reason.HostNetworkNotAttached, packet);
    }

    private static Verdict ToPod(Packet packet, IActorRef pod, Reason reason, List<TraceStep>? steps)
    {
        steps?.Add(new("deliver", $"to the pod with {packet.Destination}"));
        return new(Fate.DeliverToPod, reason, packet, Pod: pod);
    }

    /// <summary>A SYN on a flow that is over starts a new one.</summary>
    private static bool Reopens(Packet packet, ConntrackEntry entry) =>
        entry.IsOver && packet is TcpPacket { Flags: var flags } && (flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn;

    /// <summary>An ICMP error about a translated packet goes to who sent the original, and quotes what that one sent.</summary>
    private static IcmpPacket TranslateError(IcmpPacket error, Packet original, ConntrackEntry entry, bool aboutForward) => aboutForward
        ? error with { Destination = entry.Original.Source, Original = original.WithFlow(entry.Original) }
        : error with { Destination = entry.Translated.Destination, Original = original.WithFlow(entry.Reply) };
}
