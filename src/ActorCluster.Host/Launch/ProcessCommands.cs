using System.Diagnostics;
using ActorCluster.Host.Client;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>`actorcluster node kill|stop|start|pause|resume`: one OS process of a running cluster, control plane or worker.</summary>
public sealed class ProcessCommands(ClusterFolder folder, ClusterSupervisor supervisor)
{
    private const int LogTailLines = 20;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>kill -9, as a crash or a power cut would. The process stays on record and can be started again.</summary>
    /// <returns>The PID it had.</returns>
    public Task<int> KillAsync(string process) => ActAsync(process, supervisor.KillAsync);

    /// <summary>SIGTERM: the process lets its pods end with their grace, then ends. It stays on record and can be started again.</summary>
    /// <returns>The PID it had.</returns>
    public Task<int> StopAsync(string process) => ActAsync(process, supervisor.DrainAsync);

    /// <summary>SIGSTOP: the process hangs until it is resumed, ended or killed.</summary>
    /// <returns>Its PID.</returns>
    /// <exception cref="ClusterCommandException">It is paused already, or this system can't pause processes.</exception>
    public Task<int> PauseAsync(string process) => ActAsync(process, identity => FreezeAsync(process, identity, paused: true));

    /// <summary>SIGCONT.</summary>
    /// <returns>Its PID.</returns>
    /// <exception cref="ClusterCommandException">It is not paused, or this system can't pause processes.</exception>
    public Task<int> ResumeAsync(string process) => ActAsync(process, identity => FreezeAsync(process, identity, paused: false));

    /// <summary>The cluster's processes that don't run, the control plane first.</summary>
    public IReadOnlyList<string> NotRunning()
    {
        var running = folder.ReadProcesses().Where(record => record.Identity.IsAlive).Select(record => record.Name).ToHashSet();
        return [.. (folder.ReadCluster()?.Processes ?? []).Select(planned => planned.Name).Where(name => !running.Contains(name))];
    }

    /// <summary>Starts processes again with what they were first started with, and waits until they are back at work.</summary>
    /// <exception cref="ClusterCommandException">One runs already, its port is taken, or it ends again while it starts.</exception>
    /// <exception cref="ClusterTimeoutException">It took too long. The processes are left running.</exception>
    public async Task StartAsync(IReadOnlyList<string> processes, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        var planned = processes.Select(Find).ToList();
        using var hold = TakeLock();
        foreach (var process in planned) RequireStartable(process);
        using var bound = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var started = planned.Select(process => (Planned: process, Process: supervisor.Start(process))).ToList();
        try
        {
            await Task.WhenAll(started.Select(one => BackAtWorkAsync(one.Planned, one.Process, clock, either.Token)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterTimeoutException(
                $"Not all of {string.Join(", ", processes)} came back within {Options.Durations.Format(timeout)}; they were left running. See `actorcluster status --name {folder.Name}` and `actorcluster logs`.");
        }
        finally
        {
            foreach (var (_, process) in started) process.Dispose();
        }
    }

    private async Task BackAtWorkAsync(PlannedProcess planned, Process process, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (folder.ReadProcess(planned.Name) is not { Serving: true } record || record.ProcessId != process.Id)
        {
            if (process.HasExited)
                throw new ClusterCommandException($"{planned.Name} ended again while it started (exit code {process.ExitCode}). The end of its log tells why:")
                {
                    LogTail = LogFiles.Tail(folder.LogOf(planned.Name), LogTailLines),
                };
            await Task.Delay(PollInterval, clock, cancellationToken);
        }

        await new NodeReadiness(folder.Kubeconfig, planned.Nodes, clock).WaitAsync(cancellationToken);
    }

    private void RequireStartable(PlannedProcess planned)
    {
        if (folder.ReadProcess(planned.Name) is { } record && record.Identity.IsAlive)
            throw new ClusterCommandException($"{planned.Name} already runs (process {record.ProcessId}).");
        if (!PortAllocator.IsFree(planned.Port))
            throw new ClusterCommandException(
                $"Port {planned.Port}, by which the other processes know {planned.Name}, is taken by another program meanwhile. End that program and try again.");
    }

    private Task FreezeAsync(string process, Processes.ProcessIdentity identity, bool paused)
    {
        if (OperatingSystem.IsWindows()) throw new ClusterCommandException("Windows can't pause a process. Use `actorcluster node kill` instead.");
        if (identity.IsPaused == paused)
            throw new ClusterCommandException(paused
                ? $"{process} is paused already. Let it go on with `actorcluster node resume {process} --name {folder.Name}`."
                : $"{process} is not paused.");
        _ = paused ? identity.Pause() : identity.Resume();
        return Task.CompletedTask;
    }

    private async Task<int> ActAsync(string process, Func<Processes.ProcessIdentity, Task> act)
    {
        Find(process);
        using var hold = TakeLock();
        var record = folder.ReadProcess(process);
        if (record is null || !record.Identity.IsAlive)
            throw new ClusterNotFoundException($"{process} does not run. Start it with `actorcluster node start {process} --name {folder.Name}`.");
        await act(record.Identity);
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
