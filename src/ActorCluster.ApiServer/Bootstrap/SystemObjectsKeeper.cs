using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;

namespace ActorCluster.ApiServer.Bootstrap;

/// <summary>Makes what nobody needs to be there before the API serves (the flow schemas, which upstream makes after its start, too), and puts back what the API server makes by itself when somebody deletes or changes it, every ten seconds as upstream (pkg/controlplane: EndpointReconciler, kubernetesservice).</summary>
public sealed class SystemObjectsKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ApiPipeline _api;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeriodicTimer _ticks;
    private readonly Task _running;

    /// <summary>What all was like when it was last as it should be.</summary>
    private List<long>? _kept;

    private SystemObjectsKeeper(ApiPipeline api, SimulationContext simulation)
    {
        (_api, _simulation, _ticks) = (api, simulation, new PeriodicTimer(Interval, simulation.Clock));
        _running = simulation.Start(RunAsync);
    }

    public static SystemObjectsKeeper Start(ApiPipeline api, SimulationContext simulation) => new(api, simulation);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelInOrderAsync();
        await _running;
        _ticks.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            do await KeepAsync();
            while (await _ticks.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task KeepAsync()
    {
        // Taken before: what somebody changes meanwhile is looked at the next time.
        var revisions = SystemObjects.Revisions(_api);
        if (_kept is not null && revisions.SequenceEqual(_kept)) return;
        try
        {
            await SystemObjects.KeepAsync(_api, _stopping.Token);
            _kept = revisions;
        }
        catch (InvalidOperationException refused)
        {
            _simulation.ReportFault("keeping the system's objects", refused);
        }
    }
}
