using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>Starts processes that were killed or stopped, and waits until they are back at work.</summary>
internal sealed class NodeStartCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();
    private readonly Argument<string[]> _processes = NodeProcessCommand.ProcessesArgument("worker-1, ..., control-plane; several at once, or 'all' that don't run.");

    private readonly Option<Duration> _timeout = CommonOptions.Duration(
        "--timeout", "How long to wait until its nodes are Ready (for the control plane: until the API answers).", TimeSpan.FromSeconds(60));

    public NodeStartCommand(CliContext cli)
        : base("start", "Start killed or stopped processes again, as they were, and wait until they are back.")
    {
        _cli = cli;
        Add(_processes);
        Add(_name);
        Add(_timeout);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster node start worker-2", "actorcluster node start worker-1 worker-3", "actorcluster node start all"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        var commands = new ProcessCommands(folder, _cli.Supervisor(folder), _cli.Turn(cancellationToken));
        var wanted = parsed.GetValue(_processes)!.Distinct().ToList();
        var processes = await _cli.Terminal.ProgressAsync(
            $"Cluster '{folder.Name}'", progress => commands.StartAsync(wanted is ["all"] ? null : wanted, progress, parsed.GetValue(_timeout), _cli.Clock, cancellationToken));
        foreach (var process in processes)
        {
            _cli.Terminal.Line($"{process} is back.");
            await _cli.RecordAsync(folder, [process], warning: false, "ProcessStarted", $"Process {process} of the node was started again", cancellationToken);
        }

        return ExitCode.Success;
    }
}
