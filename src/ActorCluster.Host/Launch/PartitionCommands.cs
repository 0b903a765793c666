using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>`actorcluster node partition|heal`: cuts a process off from others, as a broken network would, and joins it to them again.</summary>
/// <remarks>The process itself obeys (<see cref="LinkCutKeeper"/>), both ways; the others need not know, and whoever of them is started anew is cut off as well.</remarks>
public sealed class PartitionCommands(ClusterFolder folder, TimeProvider clock, ClusterTurn turn)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A process that runs obeys within tenths of a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ClusterProcesses _processes = new(folder);

    /// <param name="others">None: the control plane for a worker, all workers for the control plane.</param>
    /// <returns>From whom it is cut off now that it wasn't.</returns>
    /// <exception cref="ClusterNotFoundException">One of them doesn't exist, or the process doesn't run.</exception>
    /// <exception cref="ClusterCommandException">It is cut off from one of them already, or can't be.</exception>
    /// <exception cref="ClusterTimeoutException">It doesn't obey.</exception>
    public async Task<IReadOnlyList<string>> PartitionAsync(string process, IReadOnlyList<string> others, LinkLoss loss, CancellationToken cancellationToken)
    {
        using var hold = await turn.TakeAsync(folder);
        var planned = _processes.Find(process);
        var from = others.Count > 0 ? [.. others.Distinct(StringComparer.Ordinal).Select(_processes.Find)] : DefaultOthers(planned);
        var running = _processes.FindRunning(process);
        if (running.Identity.IsPaused is true)
            throw new ClusterCommandException($"{process} is paused and hears nothing. Let it go on first: `actorcluster node resume {process} --name {folder.Name}`.");
        if (from.Count == 0) throw new ClusterCommandException($"{process} is the only process of cluster '{folder.Name}': there is nobody to cut it off from.");
        if (from.Any(other => other.Name == process)) throw new ClusterCommandException($"{process} can't be cut off from itself.");
        if (from.FirstOrDefault(other => _processes.CutOffFrom(process).Contains(other.Name)) is { } cut)
            throw new ClusterCommandException($"{process} is cut off from {cut.Name} already. End that with `actorcluster node heal {process} --name {folder.Name}`.");
        List<RecordedCut> wanted = [.. folder.ReadCuts(process), .. from.Select(other => new RecordedCut(other.Name, new ProcessEndpoint(ClusterPlanner.Loopback, other.Port).Address.ToString(), loss))];
        await ObeyAsync(process, wanted, cancellationToken);
        return [.. from.Select(other => other.Name)];
    }

    /// <param name="others">None: everyone it is cut off from.</param>
    /// <returns>From whom it was cut off and isn't any more.</returns>
    /// <exception cref="ClusterNotFoundException">One of them doesn't exist.</exception>
    /// <exception cref="ClusterCommandException">It isn't cut off from one of them.</exception>
    /// <exception cref="ClusterTimeoutException">A process that has to doesn't obey.</exception>
    public async Task<IReadOnlyList<string>> HealAsync(string process, IReadOnlyList<string> others, CancellationToken cancellationToken)
    {
        using var hold = await turn.TakeAsync(folder);
        _processes.Find(process);
        foreach (var other in others) _processes.Find(other);
        var cut = _processes.CutOffFrom(process);
        if (cut.Count == 0) throw new ClusterCommandException($"{process} is not cut off from anyone.");
        if (others.FirstOrDefault(other => !cut.Contains(other)) is { } whole) throw new ClusterCommandException($"{process} is not cut off from {whole}, but from {string.Join(", ", cut)}.");
        HashSet<string> ended = others.Count > 0 ? [.. others] : [.. cut];
        await ObeyAsync(process, [.. folder.ReadCuts(process).Where(one => !ended.Contains(one.Process))], cancellationToken);
        // It may have been the other one that was cut off.
        foreach (var other in ended)
            if (folder.ReadCuts(other) is var theirs && theirs.Any(one => one.Process == process))
                await ObeyAsync(other, [.. theirs.Where(one => one.Process != process)], cancellationToken);
        return [.. ended.Order(StringComparer.Ordinal)];
    }

    private IReadOnlyList<PlannedProcess> DefaultOthers(PlannedProcess process)
    {
        var role = process.Role == ProcessRole.Worker ? ProcessRole.ControlPlane : ProcessRole.Worker;
        return [.. _processes.Cluster.Processes.Where(other => other.Role == role)];
    }

    /// <summary>Writes down what the process has to obey, and waits until it does. One that doesn't run, or is paused, will when it does.</summary>
    private async Task ObeyAsync(string process, IReadOnlyList<RecordedCut> cuts, CancellationToken cancellationToken)
    {
        if (folder.ReadCuts(process).SequenceEqual(cuts)) return;
        folder.WriteCuts(process, cuts);
        // One that is paused stays so, and obeys when it goes on.
        if (folder.ReadProcess(process) is { } told && told.Identity.IsPaused is not true) told.Identity.Nudge();
        var started = clock.GetTimestamp();
        while (folder.ReadProcess(process) is { } record && record.Identity.IsAlive && record.Identity.IsPaused is not true && !folder.ReadObeyedCuts(process).SequenceEqual(cuts))
        {
            if (clock.GetElapsedTime(started) > Patience)
                throw new ClusterTimeoutException($"{process} (process {record.ProcessId}) did not obey within {Durations.Format(Patience)}. Its log may tell why: `actorcluster logs {process} --name {folder.Name}`.");
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }
}
