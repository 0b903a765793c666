using System.Collections.Immutable;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dispatching;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Nodes.Addressing;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Outside;
using ActorCluster.Nodes.Pods;
using ActorCluster.Nodes.Probes;
using ActorCluster.Nodes.ServiceHealth;
using ActorCluster.Nodes.Streams;
using ActorCluster.Nodes.Volumes;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <summary>To a node: shut down in an orderly way, then end.</summary>
internal sealed record ShutDownNode : ILocalMessage
{
    public static readonly ShutDownNode Instance = new();
}

/// <summary>From a pod to its node, while the node shuts down: nothing of it runs any more, and the API knows.</summary>
internal sealed record PodSettled(string Uid) : ILocalMessage;

/// <summary>
/// One emulated node, what the kubelet is elsewhere: registers itself, waits for its block of pod addresses, and then keeps an actor for each pod that the
/// API binds to it. Takes <see cref="OpenContainerStream"/> for its pods' containers.
/// </summary>
/// <remarks>Child of NodesActor, of the node's name. Its children are "status", "network", "service-health", "outside", the pods and the open streams. Nothing survives a restart: the
/// pods' containers end with it, and it begins anew from what the API says. An API server that is away changes nothing for the pods.</remarks>
internal sealed partial class NodeActor : UntypedActor
{
    private const string OutsideName = "outside";
    private readonly NodeOptions _options;
    private readonly NodesOptions _process;
    private readonly ClusterObjects _objects;
    private readonly NodeDisks _disks;
    /// <summary>What the node is by itself; who has the API may have given it more labels.</summary>
    private readonly V1Node _known;
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Dictionary<string, PodEntry> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, string> _uids = [];
    private IActorRef _status = ActorRefs.Nobody;
    private NodeServices? _services;
    private NetworkNamespace? _host;
    private Informer<V1Pod>? _informer;
    private long _streams;

    public NodeActor(NodeOptions options, NodesOptions process, ClusterObjects objects, NodeDisks disks)
    {
        (_options, _process, _objects, _disks) = (options, process, objects, disks);
        _known = new V1Node { Metadata = new V1ObjectMeta { Name = options.Name, Labels = NodeObject.Labels(options) } };
        _client = new KubeClient(process.Api, $"system:node:{options.Name}") { FieldManager = "kubelet" };
        _events = new EventRecorder(_client, process.Simulation, "kubelet", options.Name);
    }

    public static Props Props(NodeOptions options, NodesOptions process, ClusterObjects objects, NodeDisks disks) =>
        Akka.Actor.Props.Create(() => new NodeActor(options, process, objects, disks));

    protected override void PreStart()
    {
        var reporter = new NodeReporter(_options, _process, _client, _process.Simulation.Random.NextGuid().ToString());
        _status = Context.ActorOf(NodeStatusActor.Props(reporter, _process, _objects, _options.Name, _events), "status");
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PodCidrsAllotted allotted: OnPodCidrs(allotted.PodCidrs); break;
            case PodSeen seen: OnPodSeen(seen); break;
            case PodsKnown: OnPodsKnown(); break;
            case ReferenceChanged changed: OnReferenceChanged(changed); break;
            case NodeSeen seen: _status.Tell(seen); break;
            case FindContainer find: OnFindContainer(find); break;
            case GetPods: OnGetPods(); break;
            case AskForResize ask: OnAskForResize(ask); break;
            case IPodQuestion question: OnPodQuestion(question); break;
            case GetCensus: Sender.Tell(NodeCensus.Take(Context.System, Context.GetChildren(), _uids.Keys, _services?.Addresses.Taken ?? 0)); break;
            case GetOpenSockets sockets: OnGetOpenSockets(sockets); break;
            case OpenContainerStream open: OnOpenStream(open); break;
            case Terminated terminated: OnPodEnded(terminated.ActorRef); break;
            case StartAgain again: OnStartAgain(again.Uid); break;
            case ReadAgain read: OnReadAgain(read); break;
            case NodeRead read: OnNodeRead(read); break;
            case ShutDownNode: OnShutDown(); break;
            case PodSettled settled: OnPodSettled(settled.Uid); break;
            case ReadinessReported reported: OnReadinessReported(reported.NotReady); break;
            case GroupLimit limit: OnGroupLimit(limit); break;
            case ShutDownLimit: Context.Stop(Self); break;
            default: Unhandled(message); break;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new NodeSupervision();

    protected override void PostStop()
    {
        EndShutdownTimers();
        _host?.Dispose();
        _services?.Prober.Dispose();
        _ = EndAsync();
    }

    private async Task EndAsync()
    {
        try
        {
            if (_informer is not null) await _informer.DisposeAsync();
            await _events.DisposeAsync();
        }
        catch (Exception fault)
        {
            _process.Simulation.ReportFault($"ending node {_options.Name}", fault);
        }
    }

    private void OnPodCidrs(ImmutableArray<string> podCidrs)
    {
        if (_services is not null) return;
        ImmutableArray<IpNetwork> networks = [.. podCidrs.Select(IpNetwork.Parse)];
        ImmutableArray<IpAddress> addresses = [.. networks.Select(NodeObject.AddressOf)];
        var own = NodeAddresses.Of(addresses);
        var path = Context.ActorOf(NodeNetworkActor.Props(new NodeNetworkOptions(_options.Name, own, _process.Simulation, _process.Link) { Observer = _process.PacketObserver }).OnPacketPath(Context.System), "network");
        _process.NetworkTables.Tell(new Subscribe(path));
        _host = new NetworkNamespace(new NetworkNamespaceOptions { Name = _options.Name, Addresses = addresses }, _process.Simulation, packet => path.Tell(packet));
        path.Tell(new AttachHost(_host));
        ImmutableArray<string> hostIPs = [.. addresses.Select(address => address.ToString())];
        var disk = _disks.Of(_options.Name);
        disk.Start(NodeFiles.Of(_options.Name, hostIPs));
        _services = new NodeServices
        {
            NodeName = _options.Name,
            Logs = new NodeLogs(_process.Simulation.Clock),
            HostIPs = hostIPs,
            Client = _client,
            Events = _events,
            Objects = _objects,
            Runtime = _process.Runtime,
            Images = new ImageStore(_process.Runtime),
            Simulation = _process.Simulation,
            Timings = ContainerTimings.From(_process.Timings),
            Programs = _process.Programs,
            Addresses = new PodAddressPool(networks),
            HostNetwork = _host,
            Network = path,
            Disk = disk,
            Prober = new Prober(_host, _process.Simulation),
            Allocatable = NodeObject.Allocatable(_options),
            ContainerLogLimit = _options.ContainerLogLimit,
        };
        if (_process.Programs.GetService(typeof(SharedHttpServer)) is SharedHttpServer server)
            Context.ActorOf(ServiceHealthActor.Props(new ServiceHealthOptions(_options.Name, _host, server, _process.NetworkTables, _process.Simulation)), "service-health");
        if (_process.Outside is not null || _process.OutsideListen is not null || _process.ApiServer is not null || !_process.OutsideBindings.IsEmpty)
        {
            var outside = new OutsideOptions(_options.Name, own, path, _process.NetworkTables, _process.Outside, _process.Simulation) { Bindings = _process.OutsideBindings, ApiServer = _process.ApiServer, Listen = _process.OutsideListen };
            Context.ActorOf(OutsideActor.Props(outside), OutsideName);
        }
        _status.Tell(new SetReadiness(_services.HostIPs, null));
        FollowPods();
    }

    private void FollowPods()
    {
        var self = Self;
        _informer = new Informer<V1Pod>(_process.Api, _process.Simulation, fieldSelector: $"spec.nodeName={_options.Name}");
        _informer.Changed += (old, now) => self.Tell(new PodSeen(old, now));
        _informer.Start();
        // By then it has told of each pod.
        if (_process.DiskFolder is not null) _informer.Synced.PipeTo(Self, useConfigureAwait: true, success: () => PodsKnown.Instance);
    }

    private void OnPodSeen(PodSeen seen)
    {
        if (seen.Now is not { } pod)
        {
            if (_pods.TryGetValue(seen.Old!.Metadata.Uid, out var gone))
            {
                gone.IsGone = true;
                gone.Actor.Tell(PodGone.Instance);
                if (gone.Actor.IsNobody()) Drop(gone);
            }
            return;
        }
        // A namesake that came while the watch was away replaces the pod.
        if (seen.Old is { } old && old.Metadata.Uid != pod.Metadata.Uid) OnPodSeen(new PodSeen(old, null));
        if (_pods.TryGetValue(pod.Metadata.Uid, out var known))
        {
            Renew(known, pod);
            known.Actor.Tell(new PodUpdated(pod));
        }
        else
        {
            if (_shuttingDown && !IsNew(pod)) return;
            Admit(_pods[pod.Metadata.Uid] = new PodEntry(pod));
        }
    }

    private void Drop(PodEntry entry)
    {
        _pods.Remove(entry.Pod.Metadata.Uid);
        _services!.ForgetDisk(entry.Pod);
        RetryResizes();
    }

    /// <summary>What the disk has of pods that ended while the process was away goes.</summary>
    private void OnPodsKnown()
    {
        try
        {
            _disks.Of(_options.Name).ForgetAllBut(_pods.Keys.ToHashSet(StringComparer.Ordinal));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _process.Simulation.ReportFault($"removing volumes of former pods of node {_options.Name}", fault);
        }
    }

    private void Admit(PodEntry entry)
    {
        var refusal = Check(entry, _known);
        if (refusal?.Reason != PodAdmission.NodeAffinity)
        {
            StartPod(entry, refusal);
            return;
        }
        // The node may have been given labels since: what the API says counts.
        var uid = entry.Pod.Metadata.Uid;
        _client.GetAsync<V1Node>("", _options.Name).PipeTo(Self, useConfigureAwait: true, success: node => new NodeRead(uid, node), failure: _ => new NodeRead(uid, null));
    }

    /// <summary>What has a start time was admitted before, if not by this process.</summary>
    private static bool IsNew(V1Pod pod) => pod.Status?.StartTime is null && pod.Metadata.DeletionTimestamp is null;

    private AdmissionRefusal? Check(PodEntry entry, V1Node node)
    {
        if (!IsNew(entry.Pod)) return null;
        if (_shuttingDown) return TooLate;
        return PodAdmission.Check(entry.Pod, Others(entry), _services!.Allocatable, node);
    }

    private void OnNodeRead(NodeRead read)
    {
        if (!_pods.TryGetValue(read.Uid, out var entry) || !entry.Actor.IsNobody()) return;
        StartPod(entry, Check(entry, read.Node ?? _known));
    }

    private void StartPod(PodEntry entry, AdmissionRefusal? refusal = null)
    {
        var metadata = entry.Pod.Metadata;
        entry.Starts++;
        entry.IsRefused = refusal is not null;
        var name = NodeLogFolder.NameOf(entry.Pod);
        entry.Actor = Context.Watch(Context.ActorOf(PodActor.Props(entry.Pod, _services!, refusal), entry.Starts == 1 ? name : $"{name}-{entry.Starts}"));
        _uids[entry.Actor] = metadata.Uid;
    }

    private void OnPodEnded(IActorRef actor)
    {
        if (!_uids.Remove(actor, out var uid) || !_pods.TryGetValue(uid, out var entry) || !entry.Actor.Equals(actor)) return;
        entry.Actor = ActorRefs.Nobody;
        if (entry.IsGone)
        {
            Drop(entry);
            OnPodSettled(uid);
            return;
        }
        // It failed. Its containers are gone; a new actor starts them anew, not at once in case it fails again.
        entry.StartTimer = _process.Simulation.Clock.TellAfter(TimeSpan.FromSeconds(1), Self, new StartAgain(uid));
    }

    private void OnStartAgain(string uid)
    {
        if (!_pods.TryGetValue(uid, out var entry)) return;
        // The last that the failed actor wrote may not have come back through the watch yet: without it, its containers would count as never started.
        var metadata = entry.Pod.Metadata;
        _client.GetAsync<V1Pod>(metadata.NamespaceProperty, metadata.Name).PipeTo(Self, useConfigureAwait: true, success: pod => new ReadAgain(uid, pod), failure: _ => new ReadAgain(uid, null));
    }

    private void OnReadAgain(ReadAgain read)
    {
        if (_shuttingDown || !_pods.TryGetValue(read.Uid, out var entry) || !entry.Actor.IsNobody()) return;
        if (read.Pod?.Metadata.Uid == read.Uid) entry.Pod = read.Pod;
        StartPod(entry);
    }

    private void OnReferenceChanged(ReferenceChanged changed)
    {
        foreach (var entry in _pods.Values)
        {
            if (entry.Pod.Metadata.NamespaceProperty == changed.Object.Namespace) entry.Actor.Tell(changed);
        }
    }

    private void OnFindContainer(FindContainer find)
    {
        if (_pods.TryGetValue(find.Uid, out var entry) && !entry.Actor.IsNobody()) entry.Actor.Forward(find);
        else Sender.Tell(new ContainerAbsent($"pod \"{find.Pod}\" cannot be found"));
    }

    private void OnPodQuestion(IPodQuestion question)
    {
        if (_pods.TryGetValue(question.Uid, out var entry) && !entry.Actor.IsNobody()) entry.Actor.Forward(question);
        else Sender.Tell(PodNetwork.None);
    }

    private void OnGetOpenSockets(GetOpenSockets question)
    {
        var outside = Context.Child(OutsideName);
        if (outside.IsNobody()) Sender.Tell(new OpenSockets([]));
        else outside.Forward(question);
    }

    private void OnGetPods() =>
        Sender.Tell(new PodsOfNode([.. _pods.Values.Where(entry => !entry.Actor.IsNobody()).Select(entry => entry.Pod).OrderBy(pod => pod.Metadata.Uid, StringComparer.Ordinal)]));

    private void OnOpenStream(OpenContainerStream open)
    {
        var handler = new ContainerStreamHandler(Self, _process.Simulation, _host, _services?.Network);
        Context.ActorOf(ContainerStreamServerActor.Props(handler, _process.Simulation), $"stream-{++_streams}").Forward(open);
    }

    private sealed record PodSeen(V1Pod? Old, V1Pod? Now) : ILateMessage;

    private sealed record PodsKnown : ILateMessage
    {
        public static readonly PodsKnown Instance = new();
    }

    private sealed record StartAgain(string Uid) : ILateMessage;

    /// <param name="Pod">As the API has it now; null if it has none or can't be reached.</param>
    private sealed record ReadAgain(string Uid, V1Pod? Pod) : ILateMessage;

    /// <param name="Node">As the API has it now; null if it has none or can't be reached.</param>
    private sealed record NodeRead(string Uid, V1Node? Node) : ILateMessage;

    private sealed class PodEntry(V1Pod pod)
    {
        public V1Pod Pod { get; set; } = pod;

        /// <summary>What the pod has of the node; null: what its spec asks for.</summary>
        public V1PodSpec? AllocatedSpec { get; set; }

        /// <summary>The pod as it asks for other resources, which the node couldn't give yet.</summary>
        public V1Pod? PendingResize { get; set; }
        public DateTimeOffset? PendingSince { get; set; }

        /// <summary>The pod with what it has of the node.</summary>
        public V1Pod Counted => AllocatedSpec is null ? Pod : new V1Pod { Metadata = Pod.Metadata, Spec = AllocatedSpec, Status = Pod.Status };

        public IActorRef Actor { get; set; } = ActorRefs.Nobody;
        public int Starts { get; set; }
        public ITimer? StartTimer { get; set; }
        public bool IsGone { get; set; }

        /// <summary>It takes nothing of the node.</summary>
        public bool IsRefused { get; set; }
        public bool IsSettled { get; set; }
    }

    /// <summary>A pod or a stream that fails fails alone; without its network or its status the node is of no use and begins anew.</summary>
    private sealed class NodeSupervision() : OneForOneStrategy(static _ => Directive.Escalate)
    {
        protected override Directive Handle(IActorRef child, Exception exception) => child.Path.Name switch
        {
            "network" or "status" => Directive.Escalate,
            "outside" or "service-health" => Directive.Restart,
            _ => Directive.Stop,
        };
    }
}
