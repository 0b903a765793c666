using ActorCluster.Cli.CommandLine;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands.Run;

/// <summary>The life of a process of a cluster: writes itself down, runs until it is told to end or its record goes, shuts down.</summary>
internal static class ProcessRunner
{
    private const string Source = "Process";

    public static async Task<int> RunAsync(
        ClusterFolder? state, string process, SimulationContext simulation,
        Func<ProcessLog, CancellationToken, Task<IAsyncDisposable>> start, CancellationToken cancellationToken)
    {
        var log = new ProcessLog(Console.Out, simulation.Clock);
        var lifeline = state is null ? null : new Lifeline(state, process, simulation.Clock);
        if (lifeline is not null && !lifeline.Take())
        {
            log.Error(Source, $"The cluster that {process} belongs to is gone ({state!.Path}); nothing to run for.");
            return ExitCode.NotFound;
        }

        log.Information(Source, $"{process} starts: process {Environment.ProcessId}, seed {simulation.Random.Seed}");
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var cut = lifeline?.CutAsync(stop.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, simulation.Clock, stop.Token);
            await using (await start(log, stop.Token))
            {
                lifeline?.MarkServing();
                log.Information(Source, $"{process} has started");
                await Task.WhenAny(cut);
                log.Information(Source, cut.IsCompletedSuccessfully ? $"{process} ends: its record is gone" : $"{process} ends: told to");
            }

            await stop.CancelAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            log.Information(Source, $"{process} was ended while it started");
        }
        catch (Exception e)
        {
            log.Error(Source, $"{process} can't go on", e);
            return ExitCode.Failure;
        }

        log.Information(Source, $"{process} has ended");
        return ExitCode.Success;
    }
}
