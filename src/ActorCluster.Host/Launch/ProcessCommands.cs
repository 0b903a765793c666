using System.Diagnostics;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Client;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>`actorcluster node kill|stop|start|add|pause|resume`: OS processes of a running cluster, control plane or workers. Of several that are named, either all are fit for it or nothing is done.</summary>
public sealed class ProcessCommands(ClusterFolder folder, ClusterSupervisor supervisor, ClusterTurn turn)
{
    private const int LogTailLines = 20;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private readonly ClusterProcesses _processes = new(folder);

    /// <summary>kill -9, as a crash or a power cut would. The process stays on record and can be started again.</summary>
    /// <returns>The PIDs they had.</returns>
    public Task<IReadOnlyList<int>> KillAsync(params IReadOnlyList<string> processes) => ActAsync(processes, EachOf(supervisor.KillAsync));

    /// <summary>SIGTERM: the process lets its pods end with their grace, then ends. It stays on record and can be started again.</summary>
    /// <returns>The PIDs they had.</returns>
    public Task<IReadOnlyList<int>> StopAsync(params IReadOnlyList<string> processes) => ActAsync(processes, EachOf(supervisor.DrainAsync));

    /// <summary>SIGSTOP: the process hangs until it is resumed, ended or killed.</summary>
    /// <returns>Their PIDs.</returns>
    /// <exception cref="ClusterCommandException">One is paused already, or this system can't pause processes.</exception>
    public Task<IReadOnlyList<int>> PauseAsync(params IReadOnlyList<string> processes) => ActAsync(processes, running => FreezeAsync(running, paused: true));

    /// <summary>SIGCONT.</summary>
    /// <returns>Their PIDs.</returns>
    /// <exception cref="ClusterCommandException">One is not paused, or this system can't pause processes.</exception>
    public Task<IReadOnlyList<int>> ResumeAsync(params IReadOnlyList<string> processes) => ActAsync(processes, running => FreezeAsync(running, paused: false));

    /// <summary>The cluster's processes that don't run, the control plane first.</summary>
    private IReadOnlyList<string> NotRunning()
    {
        var running = folder.ReadProcesses().Where(record => record.Identity.IsAlive).Select(record => record.Name).ToHashSet();
        return [.. (folder.ReadCluster()?.Processes ?? []).Select(planned => planned.Name).Where(name => !running.Contains(name))];
    }

    /// <summary>Starts processes again with what they were first started with, and waits until they are back at work.</summary>
    /// <param name="wanted">Null: all that don't run.</param>
    /// <param name="progress">Told what is done.</param>
    /// <returns>Those that were started.</returns>
    /// <exception cref="ClusterCommandException">One runs already, its port is taken, or it ends again while it starts.</exception>
    /// <exception cref="ClusterTimeoutException">It took too long. The processes are left running.</exception>
    public async Task<IReadOnlyList<string>> StartAsync(IReadOnlyList<string>? wanted, Action<string> progress, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var hold = await turn.TakeAsync(folder);
        var processes = wanted ?? NotRunning();
        var planned = processes.Select(_processes.Find).ToList();
        foreach (var process in planned) RequireStartable(process);
        if (planned.Any(process => process.Role == ProcessRole.Worker) && !processes.Contains(RunArguments.ControlPlane))
            RequireControlPlane($"The nodes of {string.Join(", ", processes)} could not become Ready.");
        progress(processes.Count == 0 ? "all processes run already" : $"starting {string.Join(", ", processes)}");
        await StartAsync(planned, timeout, clock, cancellationToken);
        return processes;
    }

    /// <summary>Starts a further worker, and waits until its nodes are Ready.</summary>
    /// <returns>As it is now one of the cluster's.</returns>
    /// <exception cref="Options.OptionsInvalidException">What is asked for can't be.</exception>
    /// <exception cref="ClusterCommandException">The cluster can't have it, or it ends while it starts; then the cluster is as it was.</exception>
    /// <exception cref="ClusterTimeoutException">It took too long. It is left running.</exception>
    public async Task<PlannedProcess> AddAsync(AddedWorker added, RandomSource random, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var hold = await turn.TakeAsync(folder);
        var before = _processes.Cluster;
        RequireControlPlane("A further worker's nodes could not become Ready.");
        var reserved = before.Processes.Select(process => process.Port).Append(before.ApiPort);
        var (cluster, worker) = WorkerAddition.Plan(before, added, folder, new PortAllocator(random.Child("ports"), reserved));
        folder.Write(cluster);
        try
        {
            await StartAsync([worker], timeout, clock, cancellationToken);
        }
        catch (Exception e) when (e is not ClusterTimeoutException)
        {
            if (folder.ReadProcess(worker.Name) is { } record) await supervisor.EndAsync([record.Identity]);
            folder.RemoveProcess(worker.Name);
            folder.Write(WorkerAddition.Undo(cluster, worker));
            throw;
        }

        return worker;
    }

    private async Task StartAsync(IReadOnlyList<PlannedProcess> planned, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var started = planned.Select(process => (Planned: process, Process: supervisor.Start(process))).ToList();
        try
        {
            await Task.WhenAll(started.Select(one => BackAtWorkAsync(one.Planned, one.Process, clock, either.Token)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut([.. planned.Select(process => process.Name)], timeout);
        }
        finally
        {
            foreach (var (_, process) in started) process.Dispose();
        }
    }

    private ClusterTimeoutException TimedOut(IReadOnlyList<string> processes, TimeSpan timeout)
    {
        var late = processes.Count == 1 ? $"{processes[0]} was started and is not at work" : $"{string.Join(", ", processes)} were started and are not all at work";
        var why = ControlPlaneOutage.Find(folder)?.Message
            ?? $"`{folder.Command("status")}` shows how far things are, and `{folder.Command($"logs {processes[0]}")}` may tell why.";
        return new ClusterTimeoutException($"{late} after {Options.Durations.Format(timeout)} (--timeout); {(processes.Count == 1 ? "it was" : "they were")} left running. {why}");
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

    /// <exception cref="ClusterNotFoundException">It doesn't run, or is paused.</exception>
    private void RequireControlPlane(string otherwise)
    {
        if (ControlPlaneOutage.Find(folder) is { } outage) throw new ClusterNotFoundException($"{otherwise} {outage.Message}");
    }

    private void RequireStartable(PlannedProcess planned)
    {
        if (folder.ReadProcess(planned.Name) is { } record && record.Identity.IsAlive)
            throw new ClusterCommandException(record.Identity.IsPaused == true
                ? $"{planned.Name} is paused (process {record.ProcessId}). Let it go on with `actorcluster node resume {planned.Name} --name {folder.Name}`."
                : $"{planned.Name} already runs (process {record.ProcessId}).");
        if (planned.Role == ProcessRole.Worker && _processes.CutOffFrom(planned.Name).Contains(RunArguments.ControlPlane))
            throw new ClusterCommandException($"{planned.Name} is cut off from the control plane, and its nodes could not become Ready. Heal that first: `actorcluster node heal {planned.Name} --name {folder.Name}`.");
        if (!PortAllocator.IsFree(planned.Port))
            throw new ClusterCommandException(
                $"Port {planned.Port}, by which the other processes know {planned.Name}, is taken by another program meanwhile. End that program and try again.");
    }

    private Task FreezeAsync(IReadOnlyList<ProcessRecord> running, bool paused)
    {
        if (OperatingSystem.IsWindows()) throw new ClusterCommandException("Windows can't pause a process. Use `actorcluster node kill` instead.");
        if (running.FirstOrDefault(record => record.Identity.IsPaused == paused) is { Name: var process })
            throw new ClusterCommandException(paused
                ? $"{process} is paused already. Let it go on with `actorcluster node resume {process} --name {folder.Name}`."
                : $"{process} is not paused.");
        foreach (var record in running)
        {
            if (paused) record.Identity.Pause();
            else record.Identity.Resume();
        }
        return Task.CompletedTask;
    }

    private static Func<IReadOnlyList<ProcessRecord>, Task> EachOf(Func<ProcessIdentity, Task> act) => running => Task.WhenAll(running.Select(record => act(record.Identity)));

    private async Task<IReadOnlyList<int>> ActAsync(IReadOnlyList<string> processes, Func<IReadOnlyList<ProcessRecord>, Task> act)
    {
        using var hold = await turn.TakeAsync(folder);
        foreach (var process in processes) _processes.Find(process);
        var running = processes.Select(_processes.FindRunning).ToList();
        await act(running);
        return [.. running.Select(record => record.ProcessId)];
    }
}
