using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Tables;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Policies;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Network.Tables;

/// <summary>Asks for the tables: the newest at once, and each later one, as <c>ReplaceTables</c>. Ends with the subscriber (same process only).</summary>
public sealed record Subscribe(IActorRef Subscriber) : INoSerializationVerificationNeeded;

/// <summary>Keeps a process's <see cref="NetworkTables"/> up to date from the API.</summary>
/// <remarks>
/// One per process, child of the user guardian or of whoever composes the process. Publishes nothing before it has seen everything once: half
/// of the endpoints would send clients astray. A restart lists everything anew; subscribers must subscribe again, which their parent sees to.
/// </remarks>
public sealed partial class NetworkTablesActor : UntypedActor
{
    private readonly NetworkTablesSource _source;
    private readonly NetworkTablesBuilder _builder = new();
    private readonly HashSet<IActorRef> _subscribers = [];
    private readonly TimeProvider _clock;
    private readonly SimulationContext _simulation;
    private readonly Informer<V1Node> _nodes;
    private readonly Informer<V1Service> _services;
    private readonly Informer<V1EndpointSlice> _slices;
    private readonly Informer<V1NetworkPolicy> _policies;
    private readonly Informer<V1Namespace> _namespaces;
    private readonly Informer<NetworkChaos> _chaos;
    private readonly Func<PolicyPeers> _makePeers;
    private readonly TimeSpan? _believeLoss;
    private readonly Dictionary<string, ITimer> _lost = new(StringComparer.Ordinal);

    /// <summary>Null while there are no policies, no faults of pods, and nobody else who wants them: then nobody needs to follow all pods.</summary>
    private PolicyPeers? _peers;
    private bool _peersSynced;
    private bool _podsWanted;
    private bool _synced;
    private bool _publishing;
    private bool _published;

    public NetworkTablesActor(IApiClient api, SimulationContext simulation, NetworkTablesSource source, TimeSpan? believeLoss)
    {
        _believeLoss = believeLoss;
        (_source, _clock, _simulation) = (source, simulation.Clock, simulation);
        (_nodes, _services, _slices) = (new(api, simulation), new(api, simulation), new(api, simulation));
        (_policies, _namespaces, _chaos) = (new(api, simulation), new(api, simulation), new(api, simulation));
        _makePeers = () => new PolicyPeers(api, simulation, Self);
    }

    /// <param name="believeLoss">For how long a process that the cluster can't reach any more counts as lost without the API saying so; null: the API alone counts, as for kube-proxy.</param>
    public static Props Props(IApiClient api, SimulationContext simulation, NetworkTablesSource source, TimeSpan? believeLoss = null) =>
        Akka.Actor.Props.Create(() => new NetworkTablesActor(api, simulation, source, believeLoss));

    protected override void PreStart()
    {
        var self = Self;
        _nodes.Changed += (old, current) => self.Tell(new NodeChanged(old, current));
        _services.Changed += (old, current) => self.Tell(new ServiceChanged(old, current));
        _slices.Changed += (old, current) => self.Tell(new SliceChanged(old, current, _slices.Revision));
        _policies.Changed += (old, current) => self.Tell(new PolicyChanged(old, current));
        _namespaces.Changed += (old, current) => self.Tell(new NamespaceChanged(old, current));
        _chaos.Changed += (old, current) => self.Tell(new ChaosChanged(old, current));
        _source.OnPodsWanted(wanted => self.Tell(new PodsWanted(wanted)));
        if (_believeLoss is not null) Context.System.EventStream.Subscribe(Self, typeof(ProcessReachabilityChanged));
        _nodes.Start();
        _services.Start();
        _slices.Start();
        _policies.Start();
        _namespaces.Start();
        _chaos.Start();
        TaskOrder.AllInOrderAsync(_nodes.Synced, _services.Synced, _slices.Synced, _policies.Synced, _namespaces.Synced, _chaos.Synced).PipeTo(self, useConfigureAwait: true, success: () => new Synced());
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        foreach (var timer in _lost.Values) timer.Dispose();
        // Their loops end by themselves; nothing here has to wait for that.
        _ = _nodes.DisposeAsync().AsTask();
        _ = _services.DisposeAsync().AsTask();
        _ = _slices.DisposeAsync().AsTask();
        _ = _policies.DisposeAsync().AsTask();
        _ = _namespaces.DisposeAsync().AsTask();
        _ = _chaos.DisposeAsync().AsTask();
        _peers?.Stop();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case NodeChanged node: _builder.OnNode(node.Old, node.Current); PublishSoon(); break;
            case ServiceChanged service: _builder.OnService(service.Old, service.Current); PublishSoon(); break;
            case SliceChanged slice: OnSlice(slice); break;
            case PolicyChanged policy: OnPolicy(policy); break;
            case NamespaceChanged changed: _builder.OnNamespace(changed.Old, changed.Current); PublishSoon(); break;
            case ChaosChanged chaos: OnChaos(chaos); break;
            case InstallFault install: OnInstall(install); break;
            case RemoveFault remove: OnRemove(remove); break;
            case PodsWanted wanted: OnPodsWanted(wanted.Wanted); break;
            case PolicyPeers.PodChanged pod: OnPeerPod(pod); break;
            case PolicyPeers.NamespaceChanged changed: OnPeerNamespace(changed); break;
            case PolicyPeers.Synced synced: OnPeersSynced(synced.Peers); break;
            case ProcessReachabilityChanged change: OnReachability(change); break;
            case LossIsOld old: OnFound(old.Address); break;
            case Publish: OnPublish(); break;
            case AwaitEndpointSlices wish: OnAwaitSlices(wish.Revision, Sender); break;
            case Synced: OnSynced(); break;
            case Subscribe subscribe: OnSubscribe(subscribe.Subscriber); break;
            case Terminated terminated: _subscribers.Remove(terminated.ActorRef); break;
            case Status.Failure: break; // stopped before everything was seen
            default: Unhandled(message); break;
        }
    }

    private void OnSynced()
    {
        _synced = true;
        NoteSlices(_slices.Revision);
        PublishSoon();
    }

    private void OnSlice(SliceChanged slice)
    {
        _builder.OnSlice(slice.Old, slice.Current);
        NoteSlices(slice.Revision);
        PublishSoon();
    }

    private void OnPolicy(PolicyChanged policy)
    {
        _builder.Policies.OnPolicy(policy.Old, policy.Current);
        FollowPeers();
        PublishSoon();
    }

    private void OnPodsWanted(bool wanted)
    {
        if (wanted == _podsWanted) return;
        _podsWanted = wanted;
        FollowPeers();
        PublishSoon();
    }

    private void FollowPeers()
    {
        if (_builder.Policies.HasPolicies || _builder.Faults.NeedsPods || _podsWanted)
        {
            _peers ??= _makePeers();
        }
        else if (_peers is not null)
        {
            _peers.Stop();
            (_peers, _peersSynced) = (null, false);
            _builder.Policies.Forget();
            _builder.Faults.Forget();
        }
    }

    private void OnPeerPod(PolicyPeers.PodChanged pod)
    {
        if (pod.Peers != _peers) return; // of a time before all policies went
        _builder.Policies.OnPod(pod.Old, pod.Current);
        _builder.Faults.OnPod(pod.Old, pod.Current);
        PublishSoon();
    }

    private void OnPeerNamespace(PolicyPeers.NamespaceChanged changed)
    {
        if (changed.Peers != _peers) return;
        _builder.Policies.OnNamespace(changed.Old, changed.Current);
        PublishSoon();
    }

    private void OnPeersSynced(PolicyPeers peers)
    {
        if (peers != _peers) return;
        _peersSynced = true;
        PublishSoon();
    }

    private void OnReachability(ProcessReachabilityChanged change)
    {
        OnFound(change.Address);
        if (change.Reachable || _believeLoss is not { } believed) return;
        var self = Self;
        _lost[change.Address] = _clock.CreateTimer(_ => self.Tell(new LossIsOld(change.Address)), null, believed, Timeout.InfiniteTimeSpan);
        _builder.OnProcess(change.Address, lost: true);
        PublishSoon();
    }

    private void OnFound(string address)
    {
        if (!_lost.Remove(address, out var timer)) return;
        timer.Dispose();
        _builder.OnProcess(address, lost: false);
        PublishSoon();
    }

    private void OnSubscribe(IActorRef subscriber)
    {
        if (_subscribers.Add(subscriber)) Context.Watch(subscriber);
        if (_published && !_publishing) subscriber.Tell(new ReplaceTables(_source.Current));
    }

    private void PublishSoon()
    {
        if (!_synced || _publishing) return;
        _publishing = true;
        Self.Tell(Publish.Instance); // behind what already waits, so that a burst of changes makes one new table
    }

    private void OnPublish()
    {
        _publishing = false;
        var policiesAreKnown = _peers is null || _peersSynced;
        // A process that begins doesn't begin with open doors.
        if (!_published && !policiesAreKnown) return;
        _published = true;
        var tables = _builder.Build(policiesAreKnown, _clock.GetUtcNow()).KnowingPods(_peersSynced);
        _source.Publish(tables);
        foreach (var subscriber in _subscribers) subscriber.Tell(new ReplaceTables(tables));
        if (policiesAreKnown) AnswerFaults();
        AnswerSlices();
    }

    private sealed record NodeChanged(V1Node? Old, V1Node? Current) : INoSerializationVerificationNeeded;

    private sealed record ServiceChanged(V1Service? Old, V1Service? Current) : INoSerializationVerificationNeeded;

    /// <param name="Revision">Of the change.</param>
    private sealed record SliceChanged(V1EndpointSlice? Old, V1EndpointSlice? Current, long Revision) : INoSerializationVerificationNeeded;

    private sealed record PolicyChanged(V1NetworkPolicy? Old, V1NetworkPolicy? Current) : INoSerializationVerificationNeeded;

    private sealed record NamespaceChanged(V1Namespace? Old, V1Namespace? Current) : INoSerializationVerificationNeeded;

    private sealed record PodsWanted(bool Wanted) : INoSerializationVerificationNeeded;

    private sealed record Synced : INoSerializationVerificationNeeded;

    private sealed record LossIsOld(string Address) : INoSerializationVerificationNeeded;

    private sealed class Publish : INoSerializationVerificationNeeded
    {
        public static readonly Publish Instance = new();
    }
}
