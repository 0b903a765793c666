using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>`actorcluster node kill|stop|start`: one OS process of a running cluster, control plane or worker.</summary>
public sealed class ProcessCommands(ClusterFolder folder, ClusterSupervisor supervisor)
{
    /// <summary>kill -9, as a crash or a power cut would. The process stays on record and can be started again.</summary>
    /// <returns>The PID it had.</returns>
    public Task<int> KillAsync(string process) => EndAsync(process, identity => supervisor.KillAsync(identity));

    /// <summary>SIGTERM: the process shuts down in order. It stays on record and can be started again.</summary>
    /// <returns>The PID it had.</returns>
    public Task<int> StopAsync(string process) => EndAsync(process, identity => supervisor.EndAsync([identity]));

    /// <summary>Starts a process again, with what it was first started with.</summary>
    /// <returns>Its PID.</returns>
    /// <exception cref="ClusterCommandException">It runs already, or its port is taken.</exception>
    public int Start(string process)
    {
        var planned = Find(process);
        using var hold = TakeLock();
        if (folder.ReadProcess(process) is { } record && record.Identity.IsAlive)
            throw new ClusterCommandException($"{process} already runs (process {record.ProcessId}).");
        if (!PortAllocator.IsFree(planned.Port))
            throw new ClusterCommandException(
                $"Port {planned.Port}, by which the other processes know {process}, is taken by another program meanwhile. End that program and try again.");
        using var started = supervisor.Start(planned);
        return started.Id;
    }

    private async Task<int> EndAsync(string process, Func<Processes.ProcessIdentity, Task> end)
    {
        Find(process);
        using var hold = TakeLock();
        var record = folder.ReadProcess(process);
        if (record is null || !record.Identity.IsAlive)
            throw new ClusterNotFoundException($"{process} does not run. Start it with `actorcluster node start {process} --name {folder.Name}`.");
        await end(record.Identity);
        return record.ProcessId;
    }

    private PlannedProcess Find(string process)
    {
        var cluster = folder.ReadCluster() ?? throw new ClusterNotFoundException($"There is no cluster '{folder.Name}'. `actorcluster list` shows those there are.");
        return cluster.Processes.FirstOrDefault(planned => planned.Name == process) ?? throw new ClusterNotFoundException(
            $"Cluster '{folder.Name}' has no process '{process}'. It has {string.Join(", ", cluster.Processes.Select(planned => planned.Name))}.");
    }

    private ClusterLock TakeLock() => ClusterLock.TryTake(folder) ?? throw new ClusterCommandException(
        $"Another actorcluster command is working on cluster '{folder.Name}'. Wait for it, or end it.");
}
