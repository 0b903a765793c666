using System.CommandLine;
using ActorCluster.Cli.Output;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Client;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.CommandLine;

/// <summary>What every command works with: where clusters are kept, how to run this program again, time and chance, and the terminal.</summary>
internal sealed record CliContext(StateRoot Root, LaunchCommand Launch, SimulationContext Simulation, Terminal Terminal)
{
    public TimeProvider Clock => Simulation.Clock;

    public static CliContext Create()
    {
        // As random as any, and needs no cryptographic library, whose loading each command and process would wait for.
        var seed = Guid.NewGuid().GetHashCode() & int.MaxValue;
        return new CliContext(StateRoot.FromEnvironment(), LaunchCommand.Self, SimulationContext.RealTime(seed), new Terminal());
    }

    public ClusterSupervisor Supervisor(ClusterFolder folder) => new(folder, Launch, Clock);

    /// <summary>After the command that works on the cluster already; the user is told that there is one.</summary>
    public ClusterTurn Turn(CancellationToken cancellationToken) => new(Clock, Terminal.Progress, cancellationToken);

    /// <summary>The cluster of that name.</summary>
    /// <exception cref="ClusterNotFoundException">There is none.</exception>
    public ClusterFolder RequireCluster(string name)
    {
        var folder = Root.Cluster(name);
        return folder.Exists ? folder : throw new ClusterNotFoundException(
            $"There is no cluster '{name}'. `actorcluster up --name {name}` makes it; `actorcluster list` shows those there are.");
    }

    /// <summary>Runs a command's body, and turns what it fails with into a message and an exit code.</summary>
    public Func<ParseResult, CancellationToken, Task<int>> Guard(Func<ParseResult, CancellationToken, Task<int>> body) => async (parsed, cancellationToken) =>
    {
        // System.CommandLine listens for signals only once the command has returned its task: what ran before, such as the start of processes,
        // would be cut off by Ctrl-C without being cleaned up.
        await Task.Yield();
        try
        {
            return await body(parsed, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Terminal.Error("Interrupted.");
            return ExitCode.Interrupted;
        }
        catch (OptionsInvalidException e)
        {
            foreach (var error in e.Errors) Terminal.Error(error);
            return ExitCode.Usage;
        }
        catch (ClusterCommandException e)
        {
            Terminal.Error(e.Message);
            if (e.LogTail is { Length: > 0 } tail) Terminal.ErrorDetail(tail);
            return e switch
            {
                ClusterNotFoundException => ExitCode.NotFound,
                ClusterTimeoutException => ExitCode.Timeout,
                _ => ExitCode.Failure,
            };
        }
        catch (ApiUnreachableException e)
        {
            Terminal.Error(e.Message);
            return e.Runs ? ExitCode.Failure : ExitCode.NotFound;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or HttpRequestException or ApiUnavailableException)
        {
            Terminal.Error(e.Message);
            return ExitCode.Failure;
        }
    };

    public int ReportUsage(ParseResult parsed)
    {
        foreach (var mistake in CommandMistakes.Of(parsed)) Terminal.Error(mistake);
        Terminal.Error($"See '{CommandMistakes.PathOf(parsed.CommandResult.Command)} --help'.");
        return ExitCode.Usage;
    }
}
