using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using ActorCluster.Nodes.Agent;
using Akka.Actor;

namespace ActorCluster.Nodes.Outside;

/// <summary>
/// The user's own machine, as one node sees it: a neighbour with the addresses <see cref="WellKnown.OutsideAddress"/> and <see cref="WellKnown.OutsideAddressV6"/>. Keeps a real socket open on
/// loopback for each of the node's NodePorts and for each load balancer that the node answers for, and carries their traffic to and fro. It also has
/// the addresses of the outside names that the user bound to real ones, and takes what pods send there to those: nothing else of the machine is reached.
/// </summary>
/// <remarks>Child of NodeActor, named "outside". Its sockets go with it; a restart opens them anew from the tables.</remarks>
internal sealed class OutsideActor : UntypedActor
{
    /// <summary>A socket that another process is about to close is waited for so long before another place is taken.</summary>
    private const int PatientAttempts = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly ImmutableArray<IpAddress> Addresses = [IpAddress.Parse(WellKnown.OutsideAddress), IpAddress.Parse(WellKnown.OutsideAddressV6)];

    private readonly OutsideOptions _options;
    private readonly Dictionary<OutsideSocket, IOutsideBridge> _open = [];
    private readonly Dictionary<OutsideSocket, ITimer> _waiting = [];
    private readonly List<IDisposable> _outward = [];
    private readonly List<DnsServer> _resolvers = [];
    private readonly ImmutableArray<IpAddress> _addresses;
    private readonly NetworkNamespace _network;
    private OutwardTcp? _apiServer;
    private ImmutableHashSet<OutsideSocket> _wanted = [];

    public OutsideActor(OutsideOptions options)
    {
        _options = options;
        var path = options.Network;
        _addresses = [.. Addresses, .. options.Bindings.Select(binding => binding.Inside.Address).Distinct()];
        var namespaceOptions = new NetworkNamespaceOptions { Name = $"outside/{options.NodeName}", Addresses = _addresses };
        _network = new NetworkNamespace(namespaceOptions, options.Simulation, packet => path.Tell(packet, ActorRefs.NoSender));
    }

    public static Props Props(OutsideOptions options) => Akka.Actor.Props.Create(() => new OutsideActor(options));

    protected override void PreStart()
    {
        Report();
        foreach (var binding in _options.Bindings)
        {
            _outward.Add(OutwardTcp.Open(binding.Inside, () => new DnsEndPoint(binding.Host, binding.Port), _network, _options.Simulation));
            _outward.Add(OutwardUdp.Open(binding, _network, _options.Simulation));
        }
        // The resolver of the nodes themselves, as a container engine gives them one: it knows what is outside, and nothing of the cluster's.
        // At its own addresses: a bound name may have port 53 of one of the others.
        var resolver = new ClusterDnsOptions
        {
            Zones = [],
            OutsideNames = _options.Bindings.GroupBy(binding => binding.Name, binding => binding.Inside.Address)
                .ToImmutableDictionary(names => names.Key, names => names.Distinct().ToImmutableArray()),
        };
        foreach (var address in Addresses) _resolvers.Add(ClusterDnsServer.Start(_network, new NetworkTablesSource(), _options.Simulation, resolver, address));
        if (_options.ApiServer is { } server)
        {
            _outward.Add(_apiServer = OutwardTcp.Open(new(IpAddress.Parse(WellKnown.OutsideAddress), WellKnown.ApiServerPort), server, _network, _options.Simulation));
            Context.System.EventStream.Subscribe(Self, typeof(LinkCutsChanged));
        }
        _options.Network.Tell(new AttachPod(_addresses, Self));
        if (_options.Registry is not null || _options.Listen is not null) _options.NetworkTables.Tell(new Subscribe(Self));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        foreach (var bridge in _open.Values) bridge.Dispose();
        foreach (var timer in _waiting.Values) timer.Dispose();
        foreach (var bridge in _outward) bridge.Dispose();
        _open.Clear();
        foreach (var resolver in _resolvers) _ = resolver.DisposeAsync().AsTask(); // ends with its namespace
        _network.Dispose();
        _options.Network.Tell(new DetachPod(Self));
        Report();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Packet packet: _network.Receive(packet); break;
            case ProbeArrival probe: probe.Asker.Tell(Complete(probe.Report)); break;
            case ReplaceTables replace: OnReplaceTables(replace.Tables); break;
            case LinkCutsChanged: _apiServer?.Recheck(); break;
            case GetOpenSockets: Sender.Tell(new OpenSockets(Describe())); break;
            case OpenAgain again: OnOpenAgain(again); break;
            default: Unhandled(message); break;
        }
    }

    private TraceReport Complete(TraceReport report)
    {
        var arrived = Arrival.Complete(report, _network);
        var names = _options.Bindings.Where(binding => binding.Inside.Address == report.Packet.Destination).ToArray();
        if (names.Length == 0) return arrived;
        var port = report.Packet switch { TcpPacket tcp => tcp.DestinationPort, UdpPacket udp => udp.DestinationPort, _ => (ushort)0 };
        return arrived.With("outside", names.FirstOrDefault(binding => binding.Inside.Port == port) is { } bound
            ? $"{bound.Name} port {port} is bound to {bound.Host}:{bound.Port} outside the cluster (--outside)"
            : $"{names[0].Name} is outside the cluster, and nothing is bound to this of it (--outside)");
    }

    private void OnReplaceTables(NetworkTables tables)
    {
        var wanted = OutsidePlan.Of(tables, _options.NodeName, _options.NodeAddresses);
        if (wanted.SetEquals(_wanted)) return;
        var before = _wanted;
        _wanted = wanted;
        foreach (var socket in before.Except(wanted)) Close(socket);
        foreach (var socket in wanted.Except(before)) Open(socket, 1);
        Report();
    }

    private void OnOpenAgain(OpenAgain again)
    {
        if (!_waiting.Remove(again.Socket, out var timer)) return;
        timer.Dispose();
        Open(again.Socket, again.Attempt);
        Report();
    }

    private void Open(OutsideSocket socket, int attempt)
    {
        var last = _options.Listen is { } own ? new IPEndPoint(own, 0) : LoopbackAddresses.Anywhere;
        var place = _options.Listen is null ? LoopbackAddresses.Of(socket.Target) : new IPEndPoint(last.Address, socket.Target.Port);
        while (true)
        {
            try
            {
                _open[socket] = Bridge(socket, place);
                return;
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < PatientAttempts)
            {
                _waiting[socket] = _options.Simulation.Clock.TellAfter(Patience, Self, new OpenAgain(socket, attempt + 1));
                return;
            }
            catch (SocketException fault) when (!place.Equals(last))
            {
                place = LoopbackAddresses.After(place, fault.SocketErrorCode, last);
            }
            catch (SocketException fault)
            {
                _options.Simulation.ReportFault($"opening a socket for {socket.Service} at {socket.Target}", fault);
                return;
            }
        }
    }

    private IOutsideBridge Bridge(OutsideSocket socket, IPEndPoint place) => socket.Protocol == IpProtocol.Udp
        ? UdpBridge.Open(place, socket.Target, _network, _options.Simulation)
        : TcpBridge.Open(place, socket.Target, _network, _options.Simulation);

    private void Close(OutsideSocket socket)
    {
        if (_open.Remove(socket, out var bridge)) bridge.Dispose();
        if (_waiting.Remove(socket, out var timer)) timer.Dispose();
    }

    private void Report() => _options.Registry?.Report(_options.NodeName, Describe());

    private IReadOnlyList<OpenSocket> Describe() =>
    [
        .. _open.OrderBy(open => open.Key.Service, StringComparer.Ordinal).ThenBy(open => open.Key.Target.ToString(), StringComparer.Ordinal)
            .Select(open => new OpenSocket(
                open.Key.Service, open.Key.Kind.ToString(), open.Key.Protocol.ToString().ToUpperInvariant(), open.Key.Target.ToString(), open.Value.Real.ToString())),
    ];

    private sealed record OpenAgain(OutsideSocket Socket, int Attempt) : ILateMessage;
}

/// <param name="Network">The node's <c>NodeNetworkActor</c>.</param>
/// <param name="NetworkTables">The process's <c>NetworkTablesActor</c>.</param>
/// <param name="Registry">Null: no sockets are opened on this machine's loopback.</param>
internal sealed record OutsideOptions(
    string NodeName, NodeAddresses NodeAddresses, IActorRef Network, IActorRef NetworkTables, IOutsideRegistry? Registry, SimulationContext Simulation)
{
    public ImmutableArray<OutsideBinding> Bindings { get; init; } = [];

    /// <summary>As in <see cref="NodesOptions.OutsideListen"/>.</summary>
    public IPAddress? Listen { get; init; }

    /// <summary>As in <see cref="NodesOptions.ApiServer"/>.</summary>
    public Func<EndPoint?>? ApiServer { get; init; }
}
