using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Contracts.Client.Remote;

/// <summary>
/// The API for a process that isn't the control plane: requests and watches go as messages to the gateway at a fixed Akka address. When the
/// control plane is lost all that is open fails with <see cref="ApiUnavailableException"/>; when it is back, on the same address, new work
/// reaches it without further ado.
/// </summary>
public sealed class RemoteApiClient : IApiClient, IAsyncDisposable
{
    private readonly IActorRef _actor;
    private readonly ConcurrentDictionary<IRemoteWork, bool> _open = [];
    private readonly string _host;
    private volatile bool _closed;
    private volatile ushort _httpsPort;

    /// <param name="controlPlane">The control plane's Akka address, e.g. akka.tcp://actorcluster@127.0.0.1:40100.</param>
    public RemoteApiClient(ActorSystem system, SimulationContext simulation, Address controlPlane)
    {
        ArgumentNullException.ThrowIfNull(system);
        _host = controlPlane.Host;
        var sessions = new SessionNumbers();
        _actor = system.ActorOf(Props.Create(() => new RemoteApiClientActor(controlPlane, simulation, sessions, OnHttpsPort, OnActorStopped)));
    }

    /// <summary>Where the API listens for HTTPS, as the control plane last said; null before it has.</summary>
    public EndPoint? HttpsEndPoint => _httpsPort is not 0 and var port
        ? IPAddress.TryParse(_host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(_host, port)
        : null;

    /// <inheritdoc/>
    public async Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var call = new RemoteCall(request);
        Start(call);
        try
        {
            await using var abandon = cancellationToken.Register(() =>
            {
                call.Cancel(cancellationToken);
                _actor.Tell(new AbandonCall(call), ActorRefs.NoSender);
            });
            return await call.Answer;
        }
        finally
        {
            _open.TryRemove(call, out _);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watch = new RemoteWatch(request);
        Start(watch);
        try
        {
            await foreach (var batch in watch.Batches.ReadAllAsync(cancellationToken))
            {
                foreach (var e in batch.Events) yield return e;
                _actor.Tell(new BatchConsumed(watch, batch.Bytes), ActorRefs.NoSender);
            }
        }
        finally
        {
            _open.TryRemove(watch, out _);
            _actor.Tell(new AbandonWatch(watch), ActorRefs.NoSender);
        }
    }

    /// <summary>Fails what is open, and stops the actor.</summary>
    public async ValueTask DisposeAsync() => await _actor.GracefulStop(TimeSpan.FromSeconds(5));

    private void Start(IRemoteWork work)
    {
        _open[work] = true;
        _actor.Tell(work, ActorRefs.NoSender);

        // Whoever comes after the actor's end would wait for ever.
        if (_closed) work.Fail(Closed());
    }

    private void OnHttpsPort(ushort port) => _httpsPort = port;

    private void OnActorStopped()
    {
        _closed = true;
        foreach (var work in _open.Keys) work.Fail(Closed());
    }

    private static ApiUnavailableException Closed() => new("the client of the API server has been closed");
}

/// <summary>Counts sessions beyond the life of one actor instance.</summary>
internal sealed class SessionNumbers
{
    private long _last;

    public long Next() => Interlocked.Increment(ref _last);
}

/// <summary>Something that waits for the gateway.</summary>
internal interface IRemoteWork : ILocal
{
    void Fail(ApiUnavailableException reason);
}

/// <summary>A request, and the answer as it comes together.</summary>
internal sealed class RemoteCall(ApiRequest request) : IRemoteWork
{
    private readonly TaskCompletionSource<ApiResponse> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<AnswerPart>? _parts;

    public ApiRequest Request { get; } = request;

    public Task<ApiResponse> Answer => _answer.Task;

    /// <summary>When the actor last heard of it (the clock's timestamp); the actor's alone.</summary>
    public long LastProgress { get; set; }

    public bool IsDone => _answer.Task.IsCompleted;

    public void Add(AnswerPart part)
    {
        if (part.IsLast && _parts is null)
        {
            _answer.TrySetResult(new ApiResponse(part.StatusCode, part.Body, part.Warnings));
            return;
        }

        (_parts ??= []).Add(part);
        if (!part.IsLast) return;
        var body = new byte[_parts.Sum(static piece => piece.Body.Length)];
        var length = 0;
        foreach (var piece in _parts)
        {
            piece.Body.CopyTo(body.AsMemory(length));
            length += piece.Body.Length;
        }

        _answer.TrySetResult(new ApiResponse(_parts[0].StatusCode, body, _parts[0].Warnings));
    }

    public void Fail(ApiUnavailableException reason) => _answer.TrySetException(reason);

    public void Cancel(CancellationToken cancellation) => _answer.TrySetCanceled(cancellation);
}

/// <summary>A watch, and the batches that its reader hasn't taken yet.</summary>
internal sealed class RemoteWatch(WatchRequest request) : IRemoteWork
{
    private readonly Channel<WatchBatch> _batches = Channel.CreateUnbounded<WatchBatch>(new UnboundedChannelOptions { SingleReader = true });

    public WatchRequest Request { get; } = request;

    /// <summary>Bytes that were consumed and for which no credit has been granted yet; the actor's alone.</summary>
    public int Consumed { get; set; }

    public ChannelReader<WatchBatch> Batches => _batches.Reader;

    public void Add(WatchBatch batch) => _batches.Writer.TryWrite(batch);

    public void End() => _batches.Writer.TryComplete();

    public void Fail(ApiUnavailableException reason) => _batches.Writer.TryComplete(reason);
}

internal sealed record AbandonCall(RemoteCall Call) : ILocal;

internal sealed record AbandonWatch(RemoteWatch Watch) : ILocal;

internal sealed record BatchConsumed(RemoteWatch Watch, int Bytes) : ILocal;
