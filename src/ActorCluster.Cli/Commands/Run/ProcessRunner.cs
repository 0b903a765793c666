using System.Runtime.InteropServices;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands.Run;

/// <summary>
/// The life of a process of a cluster: writes itself down, runs until it is told to end or its record goes, shuts down. SIGTERM, which container
/// engines and `node stop` send, lets a worker's pods end in order first; SIGINT, which `down` and Ctrl-C send, ends it at once.
/// </summary>
internal sealed class ProcessRunner(ClusterFolder? state, string process, SimulationContext simulation, string? servingFile)
{
    private const string Source = "Process";

    /// <summary>What a worker gets to drain: a little more than its nodes allow themselves. A container engine that gives it less kills it.</summary>
    private static readonly TimeSpan DrainBound = TimeSpan.FromSeconds(37);

    private readonly ProcessLog _log = new(Console.Out, simulation.Clock);

    public async Task<int> RunAsync(Func<SimulationContext, ProcessLog, CancellationToken, Task<IClusterProcess>> start, CancellationToken cancellationToken)
    {
        var lifeline = state is null ? null : new Lifeline(state, process, simulation.Clock);
        if (lifeline is not null && !lifeline.Take())
        {
            _log.Error(Source, $"The cluster that {process} belongs to is gone ({state!.Path}); nothing to run for.");
            return ExitCode.NotFound;
        }

        // The same seed everywhere would make two processes, or two lives of one, draw the same "random" names and uids.
        var own = simulation with { Random = simulation.Random.Child(process).Child(ProcessIdentity.Current.Started) };
        _log.Information(Source, $"{process} starts: process {Environment.ProcessId}, seed {simulation.Random.Seed}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var drain = false;
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            drain = true;
            stop.Cancel();
        });
        try
        {
            if (servingFile is not null) File.Delete(servingFile); // an earlier life's, which a killed process leaves behind
            await using var running = await start(own, _log, stop.Token);
            _log.Information(Source, $"{process} has started");
            var cut = lifeline?.CutAsync(stop.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, simulation.Clock, stop.Token);
            var serving = ReportServingAsync(running, lifeline, stop.Token);
            await Task.WhenAny(cut);
            _log.Information(Source, cut.IsCompletedSuccessfully ? $"{process} ends: its record is gone" : drain ? $"{process} drains and ends" : $"{process} ends");
            await stop.CancelAsync();
            await serving;
            if (drain) await DrainAsync(running);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _log.Information(Source, $"{process} was ended while it started");
        }
        catch (Exception e)
        {
            _log.Error(Source, $"{process} can't go on", e);
            return ExitCode.Failure;
        }

        _log.Information(Source, $"{process} has ended");
        return ExitCode.Success;
    }

    private async Task ReportServingAsync(IClusterProcess running, Lifeline? lifeline, CancellationToken cancellationToken)
    {
        try
        {
            await running.Serving.WaitAsync(cancellationToken);
            lifeline?.MarkServing();
            if (servingFile is not null) await File.WriteAllTextAsync(servingFile, process + "\n", cancellationToken);
            _log.Information(Source, $"{process} serves");
        }
        catch (OperationCanceledException)
        {
            _log.Information(Source, $"{process} ends before it served");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Error(Source, $"{servingFile} could not be written; whoever waits for it won't know that {process} serves", e);
        }
    }

    private async Task DrainAsync(IClusterProcess running)
    {
        using var bound = new CancellationTokenSource(DrainBound, simulation.Clock);
        try
        {
            await running.DrainAsync(bound.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or Akka.Actor.AskTimeoutException)
        {
            _log.Warning(Source, $"{process} was not drained within {DrainBound.TotalSeconds} s");
        }
    }
}
