using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Bootstrap;

/// <summary>Makes what nobody needs to be there before the API serves (the flow schemas, which upstream makes after its start, too), and puts back what the API server makes by itself when somebody deletes or changes it, every ten seconds as upstream (pkg/controlplane: EndpointReconciler, kubernetesservice), unless nothing of it has changed.</summary>
public sealed class SystemObjectsKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ApiPipeline _api;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Rounds _rounds;
    private readonly Task _running;

    /// <summary>Completed when what is served becomes another.</summary>
    private volatile TaskCompletionSource _registryChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SystemObjectsKeeper(ApiPipeline api, SimulationContext simulation)
    {
        (_api, _simulation, _rounds) = (api, simulation, new Rounds(simulation.Clock, Interval));
        _api.Registry.Changed += OnRegistryChanged;
        _running = simulation.Start(RunAsync);
    }

    public static SystemObjectsKeeper Start(ApiPipeline api, SimulationContext simulation) => new(api, simulation);

    public async ValueTask DisposeAsync()
    {
        _api.Registry.Changed -= OnRegistryChanged;
        await _stopping.CancelInOrderAsync();
        await _running;
        _stopping.Dispose();
    }

    private void OnRegistryChanged() => _registryChanged.TrySetResult();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                _rounds.Begin();
                // Taken before: what somebody changes meanwhile is looked at the next time.
                var revision = _api.Store.Snapshot.Revision;
                var registryChanged = _registryChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
                if (await KeepAsync()) await AwaitChangeAsync(revision, registryChanged.Task);
                await Task.Delay(_rounds.UntilNext(), _simulation.Clock, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
    }

    /// <returns>False: it didn't succeed, and is to be tried again.</returns>
    private async Task<bool> KeepAsync()
    {
        try
        {
            await SystemObjects.KeepAsync(_api, _stopping.Token);
            return true;
        }
        catch (InvalidOperationException refused)
        {
            _simulation.ReportFault("keeping the system's objects", refused);
            return false;
        }
    }

    /// <summary>Until something of that has changed which is kept as it is.</summary>
    private async Task AwaitChangeAsync(long since, Task registryChanged)
    {
        List<IStoreWatch> watches = [];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            foreach (var (resource, ns) in SystemObjects.Kept) watches.Add(_api.Store.Watch(resource, ns, since));
            var changes = watches.ConvertAll(watch => watch.ReadAsync(ending.Token).AsTask());
            await Task.WhenAny([registryChanged, .. changes]);
            await ending.CancelInOrderAsync();
            _stopping.Token.ThrowIfCancellationRequested();
        }
        catch (RevisionCompactedException)
        {
            // So much has changed that another look is due anyway.
        }
        finally
        {
            foreach (var watch in watches) watch.Dispose();
        }
    }
}
