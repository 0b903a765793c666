using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.NodeLifecycle;
using ActorCluster.Controllers.Reconciling;
using Akka.Actor;
using Akka.Event;

namespace ActorCluster.Controllers;

/// <summary>Starts all controllers, each an actor over the shared reconcile loop, and says when they are at work.</summary>
/// <remarks>
/// Top-level actor of the control-plane process. Nothing of it survives a restart: the controllers start from lists. While the API server
/// can't be reached the caches keep trying. Stop it with <see cref="StopControllers"/>: then what the controllers had to say is written first.
/// </remarks>
#pragma warning disable CA1001 // An actor's PostStop is its Dispose.
public sealed class ControllersActor : UntypedActor
#pragma warning restore CA1001
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly SimulationContext _simulation;
    private readonly SharedInformers _informers;
    private readonly ControllerServices _services;
    private readonly MetadataInformers _metadata;
    private readonly ProcessReachability _reachability;
    private readonly Action<bool>? _atWork;
    private readonly List<IActorRef> _reconcilers = [];
    private readonly List<string> _names = [];
    private readonly List<IActorRef> _waiting = [];
    private bool _ready;
    private bool _closing;

    /// <param name="api">The API server's pipeline.</param>
    public ControllersActor(IApiClient api, SimulationContext simulation, ControllersOptions options)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(simulation);
        ArgumentNullException.ThrowIfNull(options);
        _simulation = simulation;
        _atWork = options.AtWork;
        _metadata = new MetadataInformers(api, simulation, options.Registry);
        _reachability = new ProcessReachability(simulation.Clock);
        _informers = new SharedInformers(api, simulation);
        _services = new ControllerServices(api, _informers, simulation, options);
    }

    /// <inheritdoc cref="ControllersActor(IApiClient, SimulationContext, ControllersOptions)"/>
    public static Props Props(IApiClient api, SimulationContext simulation, ControllersOptions options) =>
        Akka.Actor.Props.Create(() => new ControllersActor(api, simulation, options));

    protected override void PreStart()
    {
        foreach (var reconciler in ControllerCatalog.CreateAll(_services, _metadata, _reachability))
        {
            var child = Context.ActorOf(ReconcilerActor.Props(reconciler, _simulation), reconciler.Name);
            reconciler.Attach(new ActorReconcileQueue(child));
            _reconcilers.Add(child);
            _names.Add(reconciler.Name);
        }

        Context.System.EventStream.Subscribe(Self, typeof(ProcessReachabilityChanged));
        _informers.Start();
        _metadata.Start();
        TaskOrder.AllInOrderAsync(_informers.SyncedAsync(), _metadata.SyncedAsync()).PipeTo(Self, useConfigureAwait: true, success: () => CachesSynced.Instance);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CachesSynced: OnSynced(); break;
            case ProcessReachabilityChanged change: _reachability.Note(change); break;
            case WaitForControllers when _ready: Sender.Tell(new ControllersReady(_names)); break;
            case WaitForControllers: _waiting.Add(Sender); break;
            case StopControllers when !_closing: OnStop(); break;
            case StopControllers: break;
            case Closed: Context.Stop(Self); break;
            default: Unhandled(message); break;
        }
    }

    /// <summary>A reconciler's own failure is a bug in its bookkeeping of one message; its queue must not be lost over it.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Resume);

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _atWork?.Invoke(false);
        if (!_closing) _ = CloseAsync();
    }

    private void OnStop()
    {
        _closing = true;
        foreach (var reconciler in _reconcilers) Context.Stop(reconciler);
        CloseAsync().PipeTo(Self, success: () => Closed.Instance);
    }

    private async Task CloseAsync()
    {
        try
        {
            await _services.DisposeAsync();
            await _informers.DisposeAsync();
            await _metadata.DisposeAsync();
        }
        catch (Exception fault)
        {
            // Whatever doesn't end well is told, and the rest of the process goes on ending.
            _simulation.ReportFault("stopping the controllers", fault);
        }
    }

    private void OnSynced()
    {
        _ready = true;
        _atWork?.Invoke(true);
        foreach (var reconciler in _reconcilers) reconciler.Tell(BeginReconciling.Instance);
        _log.Info("ControllersReady controllers={0}", _names.Count);
        foreach (var waiting in _waiting) waiting.Tell(new ControllersReady(_names));
        _waiting.Clear();
    }

    private sealed record CachesSynced
    {
        public static readonly CachesSynced Instance = new();
    }

    private sealed record Closed
    {
        public static readonly Closed Instance = new();
    }
}
