using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>How a command comes to work on a cluster: after the one that does already.</summary>
/// <param name="waits">Told once, in the user's words, if there is one to wait for.</param>
/// <param name="cancellationToken">Gives up waiting.</param>
public sealed class ClusterTurn(TimeProvider clock, Action<string> waits, CancellationToken cancellationToken)
{
    /// <summary>The system tells nobody when a file's lock is free.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <exception cref="OperationCanceledException">It was not worth the wait.</exception>
    internal async Task<ClusterLock> TakeAsync(ClusterFolder folder)
    {
        if (ClusterLock.TryTake(folder) is { } free) return free;
        waits($"Another actorcluster command works on cluster '{folder.Name}'. Waiting for it (Ctrl-C to give up).");
        while (true)
        {
            await Task.Delay(PollInterval, clock, cancellationToken);
            if (ClusterLock.TryTake(folder) is { } taken) return taken;
        }
    }
}
