using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Dispatching;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>A node's data path: takes packets of its pods, its own namespace and the link, and carries each to where it belongs.</summary>
/// <remarks>
/// Child of the node's actor. Pods send and get plain <see cref="Packet"/> messages; see <c>NodeNetworkProtocol.cs</c> for the rest. A restart
/// loses the attachments and conntrack, as a reboot of the node's kernel would; its parent attaches pods, host and tables again.
/// </remarks>
public sealed partial class NodeNetworkActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan ConntrackInterval = TimeSpan.FromSeconds(2);

    private readonly NodeNetworkOptions _options;
    private readonly NodeForwarding _forwarding;
    private readonly RandomSource _random;
    private readonly Dictionary<string, IActorRef> _proxies = [];
    private readonly long[] _lost = new long[Enum.GetValues<Reason>().Length];
    private NetworkNamespace? _host;
    private volatile NetworkTables _tables = NetworkTables.Empty;
    private long _now;
    private int _proxiesMade;

    public NodeNetworkActor(NodeNetworkOptions options)
    {
        _options = options;
        _forwarding = new(options.NodeName, options.NodeAddresses, options.ConntrackMaximum);
        _random = options.Simulation.Random.Child($"node-network/{options.NodeName}");
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeNetworkOptions options) => Akka.Actor.Props.Create(() => new NodeNetworkActor(options));

    protected override void PreStart() => _options.Link.Attach(_options.NodeName, Self);

    protected override void PostStop()
    {
        _options.Link.Detach(_options.NodeName, Self);
        _faultTimer?.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Packet packet:
                if (_captures is not null && _faults is null) CaptureSent(packet);
                OnPacket(packet);
                break;
            case FlowBound { IsProbe: true } bound: OnProbeBound(bound); break;
            case FlowBound bound: OnFlowBound(bound); break;
            case Passivate passivate: OnPassivate(passivate); break;
            case AttachPod attach: _forwarding.Attach(attach.Addresses, attach.Pod, attach.Identity, attach.HostPorts); break;
            case DetachPod detach: _forwarding.Detach(detach.Pod); break;
            case AttachHost attach: OnAttachHost(attach.Host); break;
            case ReplaceTables replace: OnReplaceTables(replace.Tables); break;
            case ConntrackTick: OnConntrackTick(); break;
            case FaultsDue: OnFaultsDue(); break;
            case StartCapture start: OnStartCapture(start); break;
            case StopCapture stop: OnStopCapture(stop); break;
            case TracePacket trace: OnTracePacket(trace); break;
            case GetNodeNetworkStatistics: Sender.Tell(Statistics()); break;
            default: Unhandled(message); break;
        }
    }

    private void OnPacket(Packet packet)
    {
        var verdict = _forwarding.Decide(packet, _now);
        if (_faults is null || !IsTakenByFaults(packet, verdict)) Carry(packet, verdict);
    }

    /// <param name="packet">As it came to the node.</param>
    private void Carry(Packet packet, in Verdict verdict)
    {
        if (_options.Observer is not null) Observe(packet, verdict);
        switch (verdict.Fate)
        {
            case Fate.DeliverToPod:
                if (_captures is not null) CaptureReceived(verdict.Packet);
                verdict.Pod!.Tell(verdict.Packet, ActorRefs.NoSender);
                break;
            case Fate.DeliverToHost: _host!.Receive(verdict.Packet); break;
            case Fate.ForwardToNode: _options.Link.Send(verdict.Node!, verdict.Packet); break;
            case Fate.BindService: ProxyFor(verdict.Flow!.Port).Tell(new BindFlow(verdict.Packet, verdict.Flow)); break;
            case Fate.BindHostPort: OnFlowBound(new FlowBound(verdict.Packet, verdict.Flow!, verdict.Flow!.Candidates[0])); break;
            case Fate.Reject: Refuse(verdict.Packet, verdict.Answer, verdict.Reason); break;
            case Fate.Drop: _lost[(int)verdict.Reason]++; break;
            default: throw new InvalidOperationException($"Unknown fate {verdict.Fate}.");
        }
    }

    private void Observe(Packet packet, in Verdict verdict, string? fault = null) => _options.Observer!(new(
        _options.Simulation.Clock.GetUtcNow(), _options.NodeName, packet, verdict.Packet, verdict.Fate.ToString(), verdict.Reason.ToString(), verdict.Node?.Name, fault ?? verdict.Policy?.ToString()));

    private void OnFlowBound(FlowBound bound)
    {
        ReadClock();
        if (!_forwarding.Bind(bound.Packet, bound.Flow, bound.Endpoint, _now))
        {
            _lost[(int)Reason.ConntrackFull]++;
            return;
        }
        StartTicking();
        OnPacket(bound.Packet);
    }

    private void StartTicking()
    {
        if (!Timers.IsTimerActive(ConntrackTick.Key)) Timers.StartPeriodicTimer(ConntrackTick.Key, ConntrackTick.Instance, ConntrackInterval);
    }

    private void Refuse(Packet packet, IcmpKind kind, Reason reason)
    {
        _lost[(int)reason]++;
        if (PacketRewriting.Refusal(packet, kind, _options.NodeAddresses.Towards(packet.Source)) is { } answer) OnPacket(answer);
    }

    private void OnAttachHost(NetworkNamespace host)
    {
        (_host, _forwarding.HostIsAttached) = (host, true);
        // Read from the namespace's own threads.
        host.Diverts = packet => NodeForwarding.IsServiceTraffic(_tables, packet) || _forwarding.IsHostPortTraffic(packet);
    }

    private void OnReplaceTables(NetworkTables tables)
    {
        _tables = tables;
        _forwarding.Replace(tables);
        ReplaceFaults(tables.Faults);
        foreach (var (service, proxy) in _proxies.Where(proxy => !tables.TryGetService(proxy.Key, out _)).ToArray())
        {
            // Its clients' affinity ends with the service: a namesake begins anew.
            _proxies.Remove(service);
            proxy.Tell(PoisonPill.Instance);
        }
        if (!_forwarding.TracksFlows) return;
        // From now on flows are remembered without a service's proxy, and so without a look at the clock.
        ReadClock();
        StartTicking();
    }

    private void OnPassivate(Passivate passivate)
    {
        // What was sent to the proxy before is answered before the poison takes effect; a later flow makes a new one.
        if (_proxies.TryGetValue(passivate.Service, out var proxy) && proxy.Equals(Sender) && _proxies.Remove(passivate.Service)) proxy.Tell(PoisonPill.Instance);
    }

    private void OnConntrackTick()
    {
        ReadClock();
        _forwarding.Conntrack.Expire(_now);
        if (_forwarding.Conntrack.Count == 0 && !_forwarding.TracksFlows) Timers.Cancel(ConntrackTick.Key);
    }

    private IActorRef ProxyFor(ServicePort port)
    {
        if (_proxies.TryGetValue(port.Service, out var proxy)) return proxy;
        // Numbered: the name of one that is still stopping is taken.
        var name = $"service-{port.Service.Replace('/', '-')}-{++_proxiesMade}";
        proxy = Context.ActorOf(ServiceProxyActor.Props(port.Service, RandomEndpointPolicy.Instance, _random, _options.Simulation.Clock, _options.ServiceProxyIdle).OnPacketPath(Context.System), name);
        _proxies.Add(port.Service, proxy);
        return proxy;
    }

    private NodeNetworkStatistics Statistics() => new(_forwarding.Conntrack.Count, _proxies.Count,
        Enum.GetValues<Reason>().Where(reason => _lost[(int)reason] > 0).ToDictionary(reason => reason.ToString(), reason => _lost[(int)reason]));

    private void ReadClock() => _now = (long)_options.Simulation.Clock.GetElapsedTime(0).TotalSeconds;

    private sealed class ConntrackTick : INoSerializationVerificationNeeded
    {
        public const string Key = "conntrack";
        public static readonly ConntrackTick Instance = new();
    }
}
