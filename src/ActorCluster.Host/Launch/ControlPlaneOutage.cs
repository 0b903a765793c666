using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>Why a cluster's API can't answer, by the records of its processes, and the command that helps.</summary>
/// <param name="Message">For the user.</param>
/// <param name="Runs">The control plane's process is there and not paused.</param>
public sealed record ControlPlaneOutage(string Message, bool Runs)
{
    /// <returns>Null: the control plane's process runs, so that it can be asked.</returns>
    public static ControlPlaneOutage? Find(ClusterFolder folder)
    {
        if (folder.ReadCluster() is not { } cluster) return new($"There is no cluster '{folder.Name}' any more: it was taken down. `actorcluster list` shows those there are.", false);
        var alive = folder.ReadProcesses().Where(process => process.Identity.IsAlive).ToList();
        var controlPlane = alive.Find(process => process.Role == ProcessRole.ControlPlane);
        if (controlPlane?.Identity.IsPaused is true)
            return new($"The control plane of cluster '{folder.Name}' is paused, so its API does not answer. Let it go on: `{folder.Command("node resume control-plane")}`.", false);
        if (controlPlane is not null) return null;
        if (cluster.WorkerArguments is null)
            return new($"Cluster '{folder.Name}' was one process, which runs no more. Remove what it left: `{folder.Command("down")}`.", false);
        return new(alive.Count == 0
            ? $"None of the processes of cluster '{folder.Name}' runs. Start them again: `{folder.Command("node start all")}`."
            : $"The control plane of cluster '{folder.Name}' does not run, so its API does not answer. Start it: `{folder.Command("node start control-plane")}`.", false);
    }

    /// <summary>Of an API that was asked in vain.</summary>
    /// <param name="fault">What the attempt failed with.</param>
    public static ControlPlaneOutage Explain(ClusterFolder folder, string fault)
    {
        if (Find(folder) is { } outage) return outage;
        // A cluster in one process never says that it serves.
        var starts = folder.ReadCluster()?.WorkerArguments is not null && folder.ReadProcess(RunArguments.ControlPlane) is { Serving: false };
        return new(starts
            ? $"The control plane of cluster '{folder.Name}' is still starting: its API does not answer yet ({fault}). Try again in a moment; its log is `{folder.Command("logs control-plane")}`."
            : $"The control plane of cluster '{folder.Name}' runs and its API does not answer ({fault}). Its log may tell why: `{folder.Command("logs control-plane")}`.", true);
    }
}
