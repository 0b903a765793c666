using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using k8s;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>
/// Writes Events about objects, as `kubectl describe` shows them: fire and forget, through a bounded queue with its own loop, counted up
/// and combined by upstream's rules (<see cref="EventCorrelator"/>). What doesn't fit the queue is dropped, counted and reported.
/// </summary>
public sealed class EventRecorder : IAsyncDisposable
{
    private const int QueueLength = 1000;
    private const int MaxTries = 12;

    private readonly KubeClient _client;
    private readonly SimulationContext _simulation;
    private readonly string _component;
    private readonly string _host;
    private readonly RandomSource _random;
    private readonly EventCorrelator _correlator;
    private readonly Channel<Occurrence> _queue;
    private readonly Task _loop;
    private readonly CancellationTokenSource _stopRetrying = new();
    private long _lastNumber;
    private long _dropped;

    /// <param name="component">source.component, e.g. "kubelet", "default-scheduler".</param>
    /// <param name="host">source.host: the node's name, for a node's components.</param>
    public EventRecorder(KubeClient client, SimulationContext sim, string component, string host = "")
    {
        ArgumentNullException.ThrowIfNull(sim);
        _client = client;
        _simulation = sim;
        _component = component;
        _host = host;
        // Each recorder by itself: of two for one source, one after the other in no virtual time, the second would name its events as the first did, and they would be taken for the first's.
        _random = sim.Random.Child($"events/{component}/{host}/{sim.Random.NextInt64()}");
        _correlator = new EventCorrelator(NewName);
        _queue = Channel.CreateBounded<Occurrence>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
        _loop = sim.Start(RunAsync);
    }

    /// <summary>How many events didn't fit the queue, or came after the end.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <param name="involvedTypedObject">One of the official models, or a <see cref="V1ObjectReference"/> (to name a fieldPath such as
    /// "spec.containers{web}").</param>
    /// <param name="type">"Normal" or "Warning".</param>
    public void Record(object involvedTypedObject, string type, string reason, string message)
    {
        if (type is not ("Normal" or "Warning")) throw new ArgumentException($"An event is Normal or Warning, not {type}.", nameof(type));
        var occurrence = new Occurrence(ReferenceTo(involvedTypedObject), type, reason, message, _simulation.Clock.GetUtcNow().UtcDateTime);
        if (_queue.Writer.TryWrite(occurrence)) return;

        // Loud, but not once for each when there are thousands.
        var dropped = Interlocked.Increment(ref _dropped);
        // What is still said on the way out has nobody to hear it.
        if (long.IsPow2(dropped) && !_stopRetrying.IsCancellationRequested)
            _simulation.ReportFault($"recording events of {_component}", new InvalidOperationException($"{dropped} events dropped, the last: {reason} {message}"));
    }

    /// <summary>Writes what is queued (each tried once more if the API server can't be reached), then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopRetrying.CancelInOrderAsync();
        if (!_queue.Writer.TryComplete()) return;
        await _loop;
    }

    private async Task RunAsync()
    {
        // Not ReadAllAsync, which goes on after a hop on the thread pool, wherever it belongs.
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (_queue.Reader.TryRead(out var occurrence))
            {
                if (_correlator.Correlate(occurrence) is not { } write) continue;
                if (await TryWriteAsync(write) || !_stopRetrying.IsCancellationRequested) continue;

                // On the way out and nobody answers: each of the rest would wait in vain.
                while (_queue.Reader.TryRead(out _)) Interlocked.Increment(ref _dropped);
            }
        }
    }

    /// <returns>False if the API server couldn't be reached.</returns>
    private async Task<bool> TryWriteAsync(EventWrite write)
    {
        var backoff = new Backoff(_simulation.Clock, _random, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (write.Count == 1 || !await CountUpAsync(write)) await _client.PostAsync(ToEvent(write));
                return true;
            }
            catch (ApiStatusException e) when (e.IsAlreadyExists || IsNamespaceTerminating(e))
            {
                // As upstream: the event is there already after all, or its namespace is on its way out.
                return true;
            }
            catch (ApiUnavailableException) when (attempt < MaxTries && !_stopRetrying.IsCancellationRequested)
            {
                await PauseAsync(backoff);
            }
            catch (Exception e)
            {
                _simulation.ReportFault($"writing the event {write.Occurrence.Reason} about {write.Occurrence.About.Name}", e);
                return e is not ApiUnavailableException;
            }
        }
    }

    private async Task PauseAsync(Backoff backoff)
    {
        try
        {
            await backoff.WaitAsync(_stopRetrying.Token);
        }
        catch (OperationCanceledException) when (_stopRetrying.IsCancellationRequested)
        {
            // Disposed: the last try comes at once.
        }
    }

    private async Task<bool> CountUpAsync(EventWrite write)
    {
        var patch = new JsonObject
        {
            ["count"] = write.Count,
            ["lastTimestamp"] = Seconds(write.Occurrence.At).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["message"] = write.Message,
        };
        return await _client.PatchAsync<Corev1Event>(NamespaceOf(write.Occurrence.About), write.Name, patch) is not null;
    }

    private Corev1Event ToEvent(EventWrite write) => new()
    {
        ApiVersion = "v1",
        Kind = "Event",
        Metadata = new V1ObjectMeta { Name = write.Name, NamespaceProperty = NamespaceOf(write.Occurrence.About) },
        InvolvedObject = write.Occurrence.About,
        Type = write.Occurrence.Type,
        Reason = write.Occurrence.Reason,
        Message = write.Message,
        Count = write.Count,
        FirstTimestamp = Seconds(write.First),
        LastTimestamp = Seconds(write.Occurrence.At),
        Source = new V1EventSource { Component = _component, Host = _host.Length == 0 ? null : _host },
        ReportingComponent = _component,
        ReportingInstance = _host,
    };

    /// <summary>The object's name and a number that never comes twice: upstream takes the nanoseconds, which our clocks are too coarse for.</summary>
    private string NewName(Occurrence occurrence)
    {
        var nanoseconds = (occurrence.At - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick + _random.Next(1_000_000);
        _lastNumber = Math.Max(_lastNumber + 1, nanoseconds);
        return string.Create(CultureInfo.InvariantCulture, $"{occurrence.About.Name}.{_lastNumber:x}");
    }

    private static V1ObjectReference ReferenceTo(object involved)
    {
        if (involved is V1ObjectReference reference) return reference;
        if (involved is not IKubernetesObject<V1ObjectMeta> { Metadata: { } metadata } obj)
            throw new ArgumentException($"An event can't be about a {involved?.GetType()}.", nameof(involved));
        var type = KubernetesType.Of(obj.GetType());
        return new V1ObjectReference
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = metadata.Name,
            NamespaceProperty = metadata.NamespaceProperty,
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
        };
    }

    private static string NamespaceOf(V1ObjectReference about) => string.IsNullOrEmpty(about.NamespaceProperty) ? "default" : about.NamespaceProperty;

    private static bool IsNamespaceTerminating(ApiStatusException e) => e.Status.Details?.Causes?.Any(cause => cause.Reason == "NamespaceTerminating") == true;

    /// <summary>metav1.Time has whole seconds.</summary>
    private static DateTime Seconds(DateTime time) => new(time.Ticks - time.Ticks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}
