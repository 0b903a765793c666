using System.Diagnostics;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>`actorcluster up`: starts a cluster's processes, all at once, and waits until every node is Ready. Leaves nothing behind if it fails.</summary>
public sealed class ClusterLauncher(StateRoot root, LaunchCommand launch, SimulationContext simulation)
{
    private const int LogTailLines = 20;

    /// <param name="progress">Told what is waited for, in a few words.</param>
    /// <exception cref="Options.OptionsInvalidException">The options can't be.</exception>
    /// <exception cref="ClusterCommandException">The cluster didn't come up; what it had started is ended.</exception>
    public async Task<ClusterRecord> UpAsync(ClusterOptions options, Action<string> progress, CancellationToken cancellationToken)
    {
        options.Validate();
        var folder = root.Cluster(options.Name);
        using var hold = ClusterPreparation.TakeLock(folder);
        var supervisor = new ClusterSupervisor(folder, launch, simulation.Clock);
        ClusterPreparation.RefuseIfThere(folder, supervisor);
        var cluster = ClusterPreparation.Write(root, options, folder, simulation.Random, ClusterPlanner.Plan);
        try
        {
            await StartAsync(options, cluster, supervisor, progress, cancellationToken);
        }
        catch
        {
            await new ClusterTerminator(folder, supervisor).EndAndRemoveAsync();
            throw;
        }

        return cluster;
    }

    private async Task StartAsync(
        ClusterOptions options, ClusterRecord cluster, ClusterSupervisor supervisor, Action<string> progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timeout = new CancellationTokenSource(options.Timeout, simulation.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, timeout.Token);
        var started = new List<(PlannedProcess Planned, Process Process)>();
        try
        {
            foreach (var planned in cluster.Processes)
                started.Add((planned, planned.Role == ProcessRole.ControlPlane ? supervisor.Start(planned, RunArguments.ForFirstLife(supervisor.Folder, cluster)) : supervisor.Start(planned)));
            // Said while they start already.
            progress(cluster.Processes.Count == 1 ? "starting 1 process" : $"starting {cluster.Processes.Count} processes");

            var readiness = new FirstReadiness(supervisor.Folder, cluster, simulation.Clock,
                missing => progress(options.Workers == 0 ? "the API answers" : missing.Count == 0 ? "all nodes are Ready" : $"waiting for {NodeNames.Brief(missing)}"));
            var ready = readiness.WaitAsync(either.Token);
            var deaths = started.Select(one => one.Process.WaitForExitAsync(either.Token)).ToList();
            await Task.WhenAny([ready, .. deaths]);
            if (deaths.FindIndex(death => death.IsCompletedSuccessfully) is >= 0 and var dead)
                throw Died(supervisor.Folder, started[dead].Planned, started[dead].Process.ExitCode);
            try
            {
                await ready;
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw TimedOut(supervisor.Folder, options, cluster, readiness);
            }

            if (cluster.KubeconfigCopy is { } copy) KubeconfigCopy.Write(supervisor.Folder.Kubeconfig, copy);
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var (_, process) in started) process.Dispose();
        }
    }

    private static ClusterCommandException Died(ClusterFolder folder, PlannedProcess planned, int exitCode) =>
        new($"Process {planned.Name} ended while the cluster was starting (exit code {exitCode}). The end of its log tells why:")
        {
            LogTail = LogFiles.Tail(folder.LogOf(planned.Name), LogTailLines),
        };

    private static ClusterTimeoutException TimedOut(ClusterFolder folder, ClusterOptions options, ClusterRecord cluster, FirstReadiness readiness)
    {
        var missing = readiness.Missing;
        var (culprit, what) = readiness.ApiAnswers
            ? (cluster.Processes.FirstOrDefault(process => process.Nodes.Any(missing.Contains))?.Name ?? RunArguments.ControlPlane,
                $"Nodes that are not Ready: {NodeNames.Brief(missing)}.")
            : (RunArguments.ControlPlane, "The API server does not answer.");
        return new ClusterTimeoutException(
            $"The cluster did not come up within {Durations.Format(options.Timeout)}. {what} On a slow machine give it longer with --timeout; else the log of {culprit} may tell why:")
        {
            LogTail = LogFiles.Tail(folder.LogOf(culprit), LogTailLines),
        };
    }
}
