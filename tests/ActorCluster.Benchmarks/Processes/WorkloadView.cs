using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using ActorCluster.Host.Client;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>What the API says just now of one workload and the nodes.</summary>
/// <param name="ReadyPods">Pods that are Ready and not about to go, with their nodes.</param>
/// <param name="ReadyEndpoints">Addresses of ready endpoints, with their nodes.</param>
/// <param name="Pods">All that there are, also those about to go.</param>
internal sealed record WorkloadState(ImmutableDictionary<string, string> ReadyPods, ImmutableDictionary<string, string> ReadyEndpoints, ImmutableHashSet<string> ReadyNodes, int Pods);

/// <summary>Watches the pods and endpoints of one application (label app=NAME, Service NAME) and the nodes, as a user's own watches would.</summary>
internal sealed class WorkloadView : IAsyncDisposable
{
    private readonly HttpClient _api;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonElement> _pods = [];
    private readonly Dictionary<string, JsonElement> _slices = [];
    private readonly Dictionary<string, JsonElement> _nodes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watches = Task.CompletedTask;

    private WorkloadView(HttpClient api) => _api = api;

    public WorkloadState Current
    {
        get { lock (_lock) return Read(); }
    }

    public static WorkloadView Start(string kubeconfig, string application)
    {
        var view = new WorkloadView(KubeconfigClient.Create(kubeconfig));
        view._watches = Task.WhenAll(
            view.WatchAsync($"api/v1/namespaces/default/pods?watch=true&labelSelector=app%3D{application}", view._pods),
            view.WatchAsync($"apis/discovery.k8s.io/v1/namespaces/default/endpointslices?watch=true&labelSelector=kubernetes.io%2Fservice-name%3D{application}", view._slices),
            view.WatchAsync("api/v1/nodes?watch=true", view._nodes));
        return view;
    }

    /// <summary>Waits until it is so.</summary>
    /// <returns>When it was first seen to be, by the stopwatch's timestamp.</returns>
    public async Task<long> UntilAsync(Func<WorkloadState, bool> wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (wanted(Read())) return Stopwatch.GetTimestamp();
                changed = _changed.Task;
            }

            await (await Task.WhenAny(changed, _watches)).WaitAsync(cancellationToken);
            if (_watches.IsCompleted) throw new InvalidOperationException("The API server ended a watch.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watches.ContinueWith(static _ => { }, TaskScheduler.Default); // cut off, as it was just told
        _api.Dispose();
        _ended.Dispose();
    }

    private async Task WatchAsync(string path, Dictionary<string, JsonElement> objects)
    {
        using var answer = await _api.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, _ended.Token);
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_ended.Token));
        while (await reader.ReadLineAsync(_ended.Token) is { } line)
        {
            using var change = JsonDocument.Parse(line);
            var item = change.RootElement.GetProperty("object").Clone();
            var name = item.GetProperty("metadata").GetProperty("name").GetString()!;
            lock (_lock)
            {
                if (change.RootElement.GetProperty("type").GetString() == "DELETED") objects.Remove(name);
                else objects[name] = item;
                _changed.TrySetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private WorkloadState Read() => new(
        _pods.Values.Where(pod => !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _) && NodeReadiness.IsReady(pod))
            .ToImmutableDictionary(NameOf, pod => pod.GetProperty("spec").GetProperty("nodeName").GetString()!),
        _slices.Values.SelectMany(slice => slice.TryGetProperty("endpoints", out var endpoints) && endpoints.ValueKind == JsonValueKind.Array ? endpoints.EnumerateArray() : default)
            .Where(endpoint => endpoint.GetProperty("conditions").GetProperty("ready").GetBoolean())
            .ToImmutableDictionary(endpoint => endpoint.GetProperty("addresses")[0].GetString()!, endpoint => endpoint.GetProperty("nodeName").GetString()!),
        [.. _nodes.Values.Where(NodeReadiness.IsReady).Select(NameOf)],
        _pods.Count);

    private static string NameOf(JsonElement item) => item.GetProperty("metadata").GetProperty("name").GetString()!;
}
