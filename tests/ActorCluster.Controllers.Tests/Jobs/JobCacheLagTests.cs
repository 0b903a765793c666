using System.Text.Json.Nodes;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Tests.Shared;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.Jobs;

/// <summary>The Job controller's looks, one by one, on the real API, while news of pods comes when the test lets it come.</summary>
public sealed class JobCacheLagTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(Make.Noon);
    private ObjectStore _store = null!;
    private LateNews _api = null!;
    private SharedInformers _informers = null!;
    private ControllerServices _services = null!;
    private KubeClient _client = null!;
    private JobReconciler _reconciler = null!;
    private Informer<V1Job> _jobs = null!;
    private Informer<V1Pod> _pods = null!;

    public async Task InitializeAsync()
    {
        var simulation = SimulationContext.RealTime(1) with { Clock = _clock };
        _store = await ObjectStore.OpenAsync(new MemoryBackend(), simulation);
        var pipeline = new ApiPipeline(_store, ResourceRegistry.BuiltIn(), simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(pipeline);
        _api = new LateNews(pipeline, "pods");
        _client = new KubeClient(_api, "test");
        _informers = new SharedInformers(_api, simulation);
        _services = new ControllerServices(_api, _informers, simulation, new ControllersOptions { Timings = ClusterTimings.Fast });
        (_jobs, _pods) = (_informers.Of<V1Job>(), _informers.Of<V1Pod>());
        _reconciler = new JobReconciler(_services);
        _reconciler.Attach(new NoQueue());
        _informers.Start();
        await _informers.SyncedAsync();
    }

    public async Task DisposeAsync()
    {
        _api.Release();
        await _services.DisposeAsync();
        await _informers.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pod_that_was_let_go_is_counted_once_however_late_the_cache_shows_it(bool indexed)
    {
        await StartAsync(indexed);
        await EndAsync(Running().First(), "Succeeded");
        _api.Hold();
        await LookAsync();
        await UntilAsync(_jobs, () => Job.Status.Succeeded == 1);
        _clock.Advance(CacheLag.Patience * 2);
        await LookAsync();
        await LookAsync();
        (await FreshAsync()).Status.Succeeded.ShouldBe(1);

        _api.Release();
        await UntilAsync(_pods, () => Running().Count == 2 && Pods.Count(JobPodFacts.IsTracked) == 2);
        await LookAtAllAsync();
        (await _client.ListAsync<V1Pod>()).Count.ShouldBe(3);
        (await FreshAsync()).Status.Active.ShouldBe(2);
    }

    [Fact]
    public async Task A_pod_whose_failure_was_counted_costs_no_second_try_however_late_the_cache_shows_it()
    {
        await StartAsync(indexed: false);
        await EndAsync(Running().First(), "Failed");
        _api.Hold();
        await LookAsync();
        await UntilAsync(_jobs, () => Job.Status.Failed == 1);
        _clock.Advance(CacheLag.Patience * 2);
        await LookAsync();
        (await FreshAsync()).Status.Failed.ShouldBe(1);
    }

    [Fact]
    public async Task What_could_not_be_let_go_is_deleted_at_the_next_look()
    {
        await StartAsync(indexed: false);
        await _client.PatchAsync<V1Job>("default", "pi", JsonNode.Parse("""{"spec":{"parallelism":1}}""")!);
        await UntilAsync(_jobs, () => Job.Spec.Parallelism == 1);
        _api.Refuses = request => request.Verb == ApiVerb.Patch && request.Resource.Plural == "pods";
        await Should.ThrowAsync<ApiUnavailableException>(LookAsync);
        _api.Refuses = null;
        await LookAtAllAsync();
        (await _client.ListAsync<V1Pod>()).Count(pod => pod.Metadata.DeletionTimestamp is null).ShouldBe(1);
    }

    private V1Job Job => _jobs.Get("default", "pi")!;

    private IReadOnlyCollection<V1Pod> Pods => _pods.List();

    private List<V1Pod> Running() => [.. Pods.Where(pod => pod.Status.Phase is "Running" or "Pending")];

    /// <summary>A job of three pods with two that run, and that have been seen.</summary>
    private async Task StartAsync(bool indexed)
    {
        var job = Make.Unsaved(JobMake.Job(3, 2, indexed));
        (job.Status, job.Spec.Selector) = (null, null);
        await _client.CreateAsync(job);
        await UntilAsync(_jobs, () => _jobs.Get("default", "pi") is not null);
        await LookAsync();
        await UntilAsync(_pods, () => Pods.Count == 2);
        foreach (var pod in Pods) await EndAsync(pod, "Running");
        await LookAsync();
        await UntilAsync(_jobs, () => Job.Status?.Active == 2);
    }

    private async Task EndAsync(V1Pod pod, string phase)
    {
        await _client.PatchAsync<V1Pod>("default", pod.Metadata.Name, new JsonObject { ["status"] = new JsonObject { ["phase"] = phase } }, "status");
        await UntilAsync(_pods, () => _pods.Get("default", pod.Metadata.Name)!.Status.Phase == phase);
    }

    private Task LookAsync() => _reconciler.ReconcileAsync("default/pi", CancellationToken.None);

    /// <summary>Looks when the job's news has come.</summary>
    private async Task LookAtAllAsync()
    {
        var version = (await FreshAsync()).Metadata.ResourceVersion;
        await UntilAsync(_jobs, () => Job.Metadata.ResourceVersion == version);
        await LookAsync();
    }

    private async Task<V1Job> FreshAsync() => (await _client.GetAsync<V1Job>("default", "pi"))!;

    /// <summary>Waits until the cache shows it, and all that is made of the cache does, too.</summary>
    private static async Task UntilAsync<T>(Informer<T> informer, Func<bool> holds) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        TaskCompletionSource shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(T? before, T? after)
        {
            if (holds()) shown.TrySetResult();
        }

        informer.Changed += Look;
        if (holds()) shown.TrySetResult();
        await shown.Task.WaitAsync(PatientTestKit.Patience);
        informer.Changed -= Look;
    }

    private sealed class NoQueue : IReconcileQueue
    {
        public void Add(string key)
        {
            // The test says when it looks.
        }

        public void AddAfter(string key, TimeSpan delay)
        {
            // As above.
        }
    }

    /// <summary>An API whose news of one resource can be held up, and that can be out of reach for some requests.</summary>
    private sealed class LateNews(IApiClient api, string plural) : IApiClient
    {
        private volatile TaskCompletionSource? _held;

        public Func<ApiRequest, bool>? Refuses { get; set; }

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _held?.TrySetResult();

        public Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default) =>
            Refuses?.Invoke(request) == true ? throw new ApiUnavailableException("out of reach") : api.SendAsync(request, cancellationToken);

        public async IAsyncEnumerable<WatchEvent> WatchAsync(
            WatchRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var change in api.WatchAsync(request, cancellationToken))
            {
                if (request.Resource.Plural == plural && _held is { } held) await held.Task.WaitAsync(cancellationToken);
                yield return change;
            }
        }
    }
}
