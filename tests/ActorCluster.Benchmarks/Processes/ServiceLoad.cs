using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace ActorCluster.Benchmarks.Processes;

/// <param name="Began">The stopwatch's timestamp.</param>
/// <param name="Fault">Null: it was answered.</param>
internal readonly record struct LoadRequest(long Began, TimeSpan Took, string? Fault);

/// <summary>Requests to one address, each by a connection of its own, begun at even intervals whether or not the earlier ones are answered.</summary>
internal sealed class ServiceLoad : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>As long as a patient user waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = Patience };
    private readonly ConcurrentBag<LoadRequest> _requests = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Uri _address;
    private Task _loop = Task.CompletedTask;

    private ServiceLoad(Uri address) => _address = address;

    public static ServiceLoad Start(Uri address)
    {
        var load = new ServiceLoad(address);
        load._loop = load.RunAsync();
        return load;
    }

    /// <summary>Waits until so many more requests are done.</summary>
    public async Task UntilAsync(int requests, CancellationToken cancellationToken)
    {
        for (var wanted = _requests.Count + requests; _requests.Count < wanted;) await Task.Delay(Interval, cancellationToken);
    }

    /// <summary>Begins no more, and waits for those that run.</summary>
    public async Task<IReadOnlyCollection<LoadRequest>> EndAsync()
    {
        await _ended.CancelAsync();
        await _loop;
        return _requests;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _client.Dispose();
        _ended.Dispose();
    }

    private async Task RunAsync()
    {
        var running = new List<Task>();
        using var timer = new PeriodicTimer(Interval);
        while (!_ended.IsCancellationRequested)
        {
            running.RemoveAll(request => request.IsCompletedSuccessfully);
            running.Add(AskAsync());
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(running);
    }

    private async Task AskAsync()
    {
        var began = Stopwatch.GetTimestamp();
        string? fault;
        try
        {
            using var answer = await _client.GetAsync(_address, CancellationToken.None);
            fault = answer.IsSuccessStatusCode ? null : answer.StatusCode.ToString();
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException)
        {
            fault = e switch
            {
                HttpRequestException failed => $"{failed.HttpRequestError} {failed.InnerException?.Message}",
                SocketException reset => reset.Message, // HttpClient looks at a connection that is reset as soon as it is made, and lets this one through
                _ => "no answer",
            };
        }

        _requests.Add(new LoadRequest(began, Stopwatch.GetElapsedTime(began), fault));
    }
}
