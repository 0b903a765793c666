using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ActorCluster.Contracts.Client;

namespace ActorCluster.Contracts.Tests.Client;

/// <summary>An API whose answers the test decides, and which records what it was asked.</summary>
internal sealed class ScriptedApi : IApiClient
{
    public ConcurrentQueue<ApiRequest> Requests { get; } = [];

    /// <summary>Watches in the order in which they were opened.</summary>
    public Channel<ScriptedWatch> Watches { get; } = Channel.CreateUnbounded<ScriptedWatch>();

    public Func<ApiRequest, CancellationToken, Task<ApiResponse>> OnSend { get; set; } =
        static (_, _) => Task.FromResult(new ApiResponse(200, "{}"u8.ToArray(), []));

    public Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        Requests.Enqueue(request);
        return OnSend(request, cancellationToken);
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watch = new ScriptedWatch(request);
        Watches.Writer.TryWrite(watch);
        try
        {
            await foreach (var e in watch.Events.Reader.ReadAllAsync(cancellationToken))
            {
                Interlocked.Increment(ref watch.Read);
                yield return e;
            }
        }
        finally
        {
            watch.Closed.TrySetResult();
        }
    }

    public async Task<ScriptedWatch> NextWatchAsync() => await Watches.Reader.ReadAsync().AsTask().WaitAsync(ActorSystems.Patience);
}

internal sealed class ScriptedWatch(WatchRequest request)
{
    public int Read;

    public WatchRequest Request { get; } = request;

    public Channel<WatchEvent> Events { get; } = Channel.CreateUnbounded<WatchEvent>();

    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
