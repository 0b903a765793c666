using System.Text.Json;
using ActorCluster.ApiServer;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using k8s.Models;

namespace ActorCluster.Host.AddOns;

/// <summary>
/// Installs the add-ons. Their Deployments wait until the nodes that the cluster starts with are Ready: the scheduler would put all pods on
/// the first one, whose loss would then take the cluster's DNS along.
/// </summary>
internal sealed class AddOnInstaller : IAsyncDisposable
{
    /// <summary>A node that isn't Ready so long after the first one may never be; the add-ons don't wait for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For the first one: its process may be started only when the control plane answers.</summary>
    private static readonly TimeSpan PatienceForFirst = TimeSpan.FromSeconds(60);

    private readonly ApiPipeline _api;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _stopping = new();
    private Task<bool> _deployments = Task.FromResult(true);

    /// <summary>Whether all is installed; if it couldn't be, that has been reported.</summary>
    public Task<bool> Installed => _deployments;

    private AddOnInstaller(ApiPipeline api, SimulationContext simulation) => (_api, _simulation) = (api, simulation);

    /// <summary>Returns when all is installed that doesn't wait for nodes.</summary>
    /// <param name="dns">Whether the cluster's DNS is among the add-ons.</param>
    /// <exception cref="InvalidOperationException">The API refused; the message is its.</exception>
    public static async Task<AddOnInstaller> StartAsync(ApiPipeline api, SimulationContext simulation, bool dns, int awaitNodes, CancellationToken cancellationToken)
    {
        var installer = new AddOnInstaller(api, simulation);
        var manifests = AddOnManifests.Load(dns).ToLookup(manifest => AddOnManifests.KindOf(manifest) == "Deployment" && awaitNodes > 0);
        await AddOnManifests.EnsureAsync(api, api.Registry, manifests[false], cancellationToken);
        if (awaitNodes > 0) installer._deployments = simulation.Start(() => installer.InstallLaterAsync([.. manifests[true]], awaitNodes));
        return installer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelInOrderAsync();
        await _deployments;
        _stopping.Dispose();
    }

    private async Task<bool> InstallLaterAsync(IReadOnlyList<JsonElement> manifests, int nodes)
    {
        try
        {
            await WhenReadyAsync(nodes);
            await AddOnManifests.EnsureAsync(_api, _api.Registry, manifests, _stopping.Token);
            return true;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return false; // the cluster ends before it was complete
        }
        catch (Exception failure)
        {
            _simulation.ReportFault("installing the add-ons", failure);
            return false;
        }
    }

    private async Task WhenReadyAsync(int nodes)
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var informer = new Informer<V1Node>(_api, _simulation);
        informer.Changed += (_, _) =>
        {
            var ready = informer.List().Count(IsReady);
            if (ready > 0) first.TrySetResult();
            if (ready >= nodes) all.TrySetResult();
        };
        informer.Start();
        await Task.WhenAny(first.Task, Task.Delay(PatienceForFirst, _simulation.Clock, _stopping.Token));
        await Task.WhenAny(all.Task, Task.Delay(Patience, _simulation.Clock, _stopping.Token));
        _stopping.Token.ThrowIfCancellationRequested();
    }

    private static bool IsReady(V1Node node) => node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
}
