using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>How a command comes to work on a cluster: after the one that does already. What the cluster is like is looked at after that, since that one may have changed it.</summary>
/// <param name="waits">Told once, in the user's words, if there is one to wait for.</param>
/// <param name="cancellationToken">Gives up waiting.</param>
public sealed class ClusterTurn(TimeProvider clock, Action<string> waits, CancellationToken cancellationToken)
{
    /// <summary>The system tells nobody when a file's lock is free.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <exception cref="ClusterNotFoundException">It was taken down meanwhile.</exception>
    /// <exception cref="OperationCanceledException">It was not worth the wait.</exception>
    internal async Task<ClusterLock> TakeAsync(ClusterFolder folder)
    {
        if (ClusterLock.TryTake(folder) is { } free) return free;
        waits($"Another actorcluster command works on cluster '{folder.Name}'. Waiting for it (Ctrl-C to give up).");
        while (true)
        {
            await Task.Delay(PollInterval, clock, cancellationToken);
            if (TryTakeExisting(folder) is { } taken) return taken;
        }
    }

    private static ClusterLock? TryTakeExisting(ClusterFolder folder)
    {
        try
        {
            return ClusterLock.TryTakeExisting(folder);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ClusterNotFoundException.Of(folder);
        }
    }
}
