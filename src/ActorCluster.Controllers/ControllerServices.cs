using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Reconciling;

namespace ActorCluster.Controllers;

/// <summary>What every controller works with. Owned by <see cref="ControllersActor"/>; disposing it ends the event recorders.</summary>
internal sealed class ControllerServices(IApiClient api, SharedInformers informers, SimulationContext simulation, ControllersOptions options)
    : IAsyncDisposable
{
    private readonly List<EventRecorder> _recorders = [];

    public IApiClient Api => api;
    public SharedInformers Informers => informers;
    public SimulationContext Simulation => simulation;
    public ControllersOptions Options => options;
    public TimeProvider Clock => simulation.Clock;
    public DateTimeOffset Now => simulation.Clock.GetUtcNow();

    /// <summary>A client that the API server knows by the controller's own name.</summary>
    public KubeClient ClientFor(string controller) => new(api, $"system:serviceaccount:kube-system:{controller}");

    /// <summary>The source of a controller's events.</summary>
    public EventRecorder EventsFor(KubeClient client, string component)
    {
        var recorder = new EventRecorder(client, simulation, component);
        _recorders.Add(recorder);
        return recorder;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var recorder in _recorders) await recorder.DisposeAsync();
    }
}
