using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>`actorcluster down`: ends exactly the cluster's own processes, then removes its folder. Data that the user keeps elsewhere stays.</summary>
public sealed class ClusterTerminator(ClusterFolder folder, ClusterSupervisor supervisor)
{
    /// <returns>How many processes were alive.</returns>
    /// <exception cref="ClusterNotFoundException">There is nothing of that name, not even leftovers.</exception>
    /// <exception cref="ClusterCommandException">A process doesn't end.</exception>
    public async Task<int> DownAsync(ClusterTurn turn)
    {
        if (!Directory.Exists(folder.Path) && supervisor.Alive().Count == 0)
            throw ClusterNotFoundException.Of(folder);
        using var hold = await turn.TakeAsync(folder);
        return await EndAndRemoveAsync();
    }

    /// <summary>The same for who holds the lock already.</summary>
    internal async Task<int> EndAndRemoveAsync()
    {
        var alive = supervisor.Alive();
        await supervisor.EndAsync(alive);
        // Whoever was being started while we looked has written itself down, or sees below that its folder is gone.
        var late = supervisor.Alive();
        await supervisor.EndAsync(late);
        RemoveState(folder);
        return alive.Count + late.Count;
    }

    /// <summary>Removes what a cluster without processes has left on disk.</summary>
    internal static void RemoveState(ClusterFolder folder)
    {
        if (folder.ReadCluster()?.KubeconfigCopy is { } copy) KubeconfigCopy.Remove(copy, folder.Name);
        folder.Delete();
    }
}
