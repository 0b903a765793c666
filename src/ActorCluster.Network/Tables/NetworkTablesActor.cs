using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Forwarding;
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
public sealed class NetworkTablesActor : UntypedActor
{
    private readonly NetworkTablesSource _source;
    private readonly NetworkTablesBuilder _builder = new();
    private readonly HashSet<IActorRef> _subscribers = [];
    private readonly Informer<V1Node> _nodes;
    private readonly Informer<V1Service> _services;
    private readonly Informer<V1EndpointSlice> _slices;
    private bool _synced;
    private bool _publishing;

    public NetworkTablesActor(IApiClient api, SimulationContext simulation, NetworkTablesSource source)
    {
        _source = source;
        (_nodes, _services, _slices) = (new(api, simulation), new(api, simulation), new(api, simulation));
    }

    public static Props Props(IApiClient api, SimulationContext simulation, NetworkTablesSource source) =>
        Akka.Actor.Props.Create(() => new NetworkTablesActor(api, simulation, source));

    protected override void PreStart()
    {
        var self = Self;
        _nodes.Changed += (old, current) => self.Tell(new NodeChanged(old, current));
        _services.Changed += (old, current) => self.Tell(new ServiceChanged(old, current));
        _slices.Changed += (old, current) => self.Tell(new SliceChanged(old, current));
        _nodes.Start();
        _services.Start();
        _slices.Start();
        Task.WhenAll(_nodes.Synced, _services.Synced, _slices.Synced).PipeTo(self, success: () => new Synced());
    }

    protected override void PostStop()
    {
        // Their loops end by themselves; nothing here has to wait for that.
        _ = _nodes.DisposeAsync().AsTask();
        _ = _services.DisposeAsync().AsTask();
        _ = _slices.DisposeAsync().AsTask();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case NodeChanged node: _builder.OnNode(node.Old, node.Current); PublishSoon(); break;
            case ServiceChanged service: _builder.OnService(service.Old, service.Current); PublishSoon(); break;
            case SliceChanged slice: _builder.OnSlice(slice.Old, slice.Current); PublishSoon(); break;
            case Publish: OnPublish(); break;
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
        PublishSoon();
    }

    private void OnSubscribe(IActorRef subscriber)
    {
        if (_subscribers.Add(subscriber)) Context.Watch(subscriber);
        if (_synced && !_publishing) subscriber.Tell(new ReplaceTables(_source.Current));
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
        var tables = _builder.Build();
        _source.Publish(tables);
        foreach (var subscriber in _subscribers) subscriber.Tell(new ReplaceTables(tables));
    }

    private sealed record NodeChanged(V1Node? Old, V1Node? Current) : INoSerializationVerificationNeeded;

    private sealed record ServiceChanged(V1Service? Old, V1Service? Current) : INoSerializationVerificationNeeded;

    private sealed record SliceChanged(V1EndpointSlice? Old, V1EndpointSlice? Current) : INoSerializationVerificationNeeded;

    private sealed record Synced : INoSerializationVerificationNeeded;

    private sealed class Publish : INoSerializationVerificationNeeded
    {
        public static readonly Publish Instance = new();
    }
}
