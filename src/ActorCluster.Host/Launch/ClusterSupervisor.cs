using System.Diagnostics;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>Starts and ends the OS processes of one cluster, and knows which of them run. All it knows is in the cluster's folder.</summary>
/// <param name="launch">How to run this program again.</param>
public sealed class ClusterSupervisor(ClusterFolder folder, LaunchCommand launch, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>What a process gets to end by itself.</summary>
    private static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(8);

    /// <summary>What it gets when its pods are to end in order first: a little more than it allows itself.</summary>
    private static readonly TimeSpan DrainGrace = TimeSpan.FromSeconds(45);

    public ClusterFolder Folder => folder;

    /// <summary>Starts one process and writes it down. The process writes itself down too, in case this one is killed before it does.</summary>
    internal Process Start(PlannedProcess planned, params ReadOnlySpan<string> extraArguments)
    {
        var log = folder.LogOf(planned.Name);
        LogFiles.Roll(log);
        folder.RemoveProcess(planned.Name); // of its former life
        var process = BackgroundProcess.Start(launch, [.. planned.Arguments, .. extraArguments], log, RuntimeSettings.For(planned.Role));
        if (ProcessIdentity.Of(process.Id) is { } identity) folder.WriteIfAbsent(RecordOf(planned, identity));
        return process;
    }

    /// <summary>The record of a planned process's present life.</summary>
    private static ProcessRecord RecordOf(PlannedProcess planned, ProcessIdentity identity) =>
        new(planned.Name, planned.Role, identity.ProcessId, identity.Started, planned.Port, planned.Arguments);

    /// <summary>The cluster's processes that are alive, also those that were started but not yet written down when their parent was killed.</summary>
    public IReadOnlyList<ProcessIdentity> Alive() =>
    [
        .. folder.ReadProcesses().Select(record => record.Identity).Where(identity => identity.IsAlive)
            .Union(RunningPrograms.WithArguments(RunArguments.Run, RunArguments.State(folder)))
    ];

    /// <summary>Ends these processes: asks first, then kills. Returns when they are gone.</summary>
    /// <exception cref="ClusterCommandException">One can't be ended.</exception>
    internal async Task EndAsync(IReadOnlyList<ProcessIdentity> processes)
    {
        foreach (var process in processes) WakeFor(process, process.Interrupt);
        await MakeSureAsync(processes, EndGrace);
    }

    /// <summary>Lets one process hand over what it does, then end.</summary>
    /// <exception cref="ClusterCommandException">It can't be ended.</exception>
    internal async Task DrainAsync(ProcessIdentity process)
    {
        WakeFor(process, process.Terminate);
        await MakeSureAsync([process], DrainGrace);
    }

    /// <summary>Sends a signal, and lets a process that is paused see it.</summary>
    private static void WakeFor(ProcessIdentity process, Func<bool> signal)
    {
        if (signal() && process.IsPaused is true) process.Resume();
    }

    private async Task MakeSureAsync(IReadOnlyList<ProcessIdentity> processes, TimeSpan grace)
    {
        if (await AllGoneAsync(processes, grace)) return;
        foreach (var process in processes) process.Kill();
        if (await AllGoneAsync(processes, EndGrace)) return;
        throw new ClusterCommandException(
            $"Process {string.Join(", ", processes.Where(process => process.IsAlive).Select(process => process.ProcessId))} of cluster '{folder.Name}' doesn't end, even after SIGKILL. Look at it with ps, then run `actorcluster down` again.");
    }

    /// <summary>Ends one process at once, as a crash would (kill -9).</summary>
    internal async Task KillAsync(ProcessIdentity process)
    {
        process.Kill();
        await AllGoneAsync([process], EndGrace);
    }

    private async Task<bool> AllGoneAsync(IReadOnlyList<ProcessIdentity> processes, TimeSpan bound)
    {
        var deadline = clock.GetTimestamp() + (long)(bound.TotalSeconds * clock.TimestampFrequency);
        while (processes.Any(process => process.IsAlive))
        {
            if (clock.GetTimestamp() > deadline) return false;
            await Task.Delay(PollInterval, clock, CancellationToken.None);
        }

        return true;
    }
}
