using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Watching;

/// <summary>A watch as the API's clients in its process see it: each step of it as an event.</summary>
internal sealed class WatchEvents(IAsyncEnumerable<WatchStep> steps) : IAsyncEnumerable<WatchEvent>
{
    public IAsyncEnumerator<WatchEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Enumerator(steps.GetAsyncEnumerator(cancellationToken));

    private sealed class Enumerator(IAsyncEnumerator<WatchStep> steps) : IAsyncEnumerator<WatchEvent>
    {
        public WatchEvent Current
        {
            get
            {
                var step = steps.Current;
                return new WatchEvent(step.Type, step.Body, step.Renewed);
            }
        }

        // Passed on as it is: who asked for the event goes on where it belongs.
        public ValueTask<bool> MoveNextAsync() => steps.MoveNextAsync();

        public ValueTask DisposeAsync() => steps.DisposeAsync();
    }
}
