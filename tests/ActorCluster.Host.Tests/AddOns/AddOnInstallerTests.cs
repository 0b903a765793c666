using System.Collections.Concurrent;
using System.Text.Json;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.AddOns;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Host.Tests.AddOns;

public sealed class AddOnInstallerTests : IAsyncLifetime
{
    private readonly TimerClock _clock = new();
    private ObjectStore _store = null!;
    private ApiPipeline _api = null!;
    private SimulationContext _simulation = null!;

    public async Task InitializeAsync()
    {
        _simulation = SimulationContext.RealTime(1) with { Clock = _clock };
        _store = await ObjectStore.OpenAsync(new MemoryBackend(), _simulation);
        _api = new ApiPipeline(_store, ResourceRegistry.BuiltIn(), _simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(_api);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task The_dns_is_deployed_when_all_nodes_are_Ready()
    {
        await using var installer = await AddOnInstaller.StartAsync(_api, _simulation, dns: true, awaitNodes: 2, CancellationToken.None);
        await AddNodeAsync("worker-1");
        await AddNodeAsync("worker-2");
        await installer.Installed.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Nodes_that_do_not_come_are_waited_for_from_the_first_one_on()
    {
        await using var installer = await AddOnInstaller.StartAsync(_api, _simulation, dns: true, awaitNodes: 2, CancellationToken.None);
        await _clock.HasStartedAsync(TimeSpan.FromSeconds(60));
        await AddNodeAsync("worker-1");
        await _clock.HasStartedAsync(TimeSpan.FromSeconds(10));
        installer.Installed.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(10));
        await installer.Installed.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private Task AddNodeAsync(string name)
    {
        using var node = JsonDocument.Parse($$$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{name}}}"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");
        return AddOnManifests.EnsureAsync(_api, _api.Registry, [node.RootElement.Clone()], CancellationToken.None);
    }

    /// <summary>A clock that stands still and tells which timers have been started.</summary>
    private sealed class TimerClock() : FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero))
    {
        private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _started = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Started(dueTime).TrySetResult();
            return timer;
        }

        public Task HasStartedAsync(TimeSpan dueTime) => Started(dueTime).Task.WaitAsync(TimeSpan.FromMinutes(1));

        private TaskCompletionSource Started(TimeSpan dueTime) => _started.GetOrAdd(dueTime, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
