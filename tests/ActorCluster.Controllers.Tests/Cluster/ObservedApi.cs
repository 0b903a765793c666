using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>The real API with a test's eye on it: what is written, what changes, and answers of the test's own.</summary>
internal sealed class ObservedApi(IApiClient api, SimulationContext simulation) : IApiClient, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _watches = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asked before each request; an answer given here is the response.</summary>
    public Func<ApiRequest, ApiResponse?>? Intercept { get; set; }

    /// <summary>Every write that succeeded.</summary>
    public ConcurrentQueue<ApiRequest> Writes { get; } = [];

    /// <summary>Each change of each object; of one resource in order.</summary>
    public event Action<ResourceName, WatchEvent>? Changed;

    public void Observe(IEnumerable<ResourceName> resources)
    {
        foreach (var resource in resources) _watches.Add(simulation.Start(() => FollowAsync(resource)));
    }

    public async Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        if (Intercept?.Invoke(request) is { } answer) return answer;
        var response = await api.SendAsync(request, cancellationToken);
        if (request.Verb is not (ApiVerb.Get or ApiVerb.List) && response.IsSuccess) Writes.Enqueue(request);
        return response;
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, CancellationToken cancellationToken = default) => api.WatchAsync(request, cancellationToken);

    /// <summary>Waits until <paramref name="condition"/> holds, looking again after each change.</summary>
    public async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            lock (_lock) changed = _change.Task;
            if (condition()) return;
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new Xunit.Sdk.XunitException($"never came true: {what}\n{Dump()}");
            }
        }
    }

    public IReadOnlyList<T> List<T>() where T : class, IKubernetesObject<V1ObjectMeta> => Wait(new KubeClient(api, "test").ListAsync<T>());

    public T? Find<T>(string ns, string name) where T : class, IKubernetesObject<V1ObjectMeta> => Wait(new KubeClient(api, "test").GetAsync<T>(ns, name));

    public string Dump() => string.Join('\n', List<V1Node>().Cast<object>().Concat(List<V1Deployment>()).Concat(List<V1ReplicaSet>()).Concat(List<V1DaemonSet>()).Concat(List<V1Job>()).Concat(List<V1Pod>())
        .Select(item => KubernetesJson.Serialize(item))
        .Concat(List<Corev1Event>().Select(e => $"{e.InvolvedObject.Kind}/{e.InvolvedObject.Name}: {e.Count} x {e.Reason} {e.Message}")));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_watches);
        _stop.Dispose();
    }

    private async Task FollowAsync(ResourceName resource)
    {
        try
        {
            await foreach (var change in api.WatchAsync(new WatchRequest(resource), _stop.Token))
            {
                Changed?.Invoke(resource, change);
                TaskCompletionSource changed;
                lock (_lock) (changed, _change) = (_change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                changed.SetResult();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    /// <summary>Reads of the pipeline answer from a snapshot and never wait.</summary>
    private static T Wait<T>(Task<T> read) => read.GetAwaiter().GetResult();

    public static ApiResponse Refusal(int code, string reason, string message) => new(code, JsonSerializer.SerializeToUtf8Bytes(new
    {
        kind = "Status",
        apiVersion = "v1",
        status = "Failure",
        code,
        reason,
        message,
    }), []);
}
