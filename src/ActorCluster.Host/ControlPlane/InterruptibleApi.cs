using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ActorCluster.Contracts.Client;

namespace ActorCluster.Host.ControlPlane;

/// <summary>An API that can go away and come back, as its process does when it is killed and started: what is asked meanwhile fails, what is under way ends.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Without a timer it holds nothing, and who still watches may ask its token.")]
internal sealed class InterruptibleApi(IApiClient api) : IApiClient
{
    /// <summary>Cancelled when it goes away; another when it is back.</summary>
    private volatile CancellationTokenSource _up = new();

    public bool IsAway => _up.IsCancellationRequested;

    public void Interrupt() => _up.Cancel();

    public void Restore()
    {
        if (IsAway) _up = new CancellationTokenSource();
    }

    public async Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        var up = _up;
        ThrowIfAway(up);
        var answer = await api.SendAsync(request, cancellationToken);
        // It may have been carried out, and nobody is left to say so.
        ThrowIfAway(up);
        return answer;
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var up = _up;
        ThrowIfAway(up);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, up.Token);
        await using var events = api.WatchAsync(request, either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            try
            {
                // Passed on at once: who asked for the event goes on where it belongs.
                if (!await events.MoveNextAsync().ConfigureAwait(false)) break;
            }
            catch (OperationCanceledException) when (up.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Away();
            }
            yield return events.Current;
        }
    }

    private static void ThrowIfAway(CancellationTokenSource up)
    {
        if (up.IsCancellationRequested) throw Away();
    }

    private static ApiUnavailableException Away() => new("the control plane does not run");
}
