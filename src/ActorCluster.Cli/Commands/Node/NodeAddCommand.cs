using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>Starts a further worker process in a cluster that is up.</summary>
internal sealed class NodeAddCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();

    private readonly Argument<string?> _process = new("PROCESS")
    {
        Description = "What it is called; the next worker-N without it.", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> _nodes = CommonOptions.Number("--nodes", null, "Kubernetes nodes that it hosts.", "N", 1);
    private readonly Option<string?> _zone = new("--zone") { Description = "The zone of its nodes (the label topology.kubernetes.io/zone); none without it.", HelpName = "ZONE" };
    private readonly Option<Duration> _timeout = CommonOptions.Duration("--timeout", "How long to wait until its nodes are Ready.", TimeSpan.FromSeconds(60));

    public NodeAddCommand(CliContext cli)
        : base("add", "Start a further worker process in a cluster that is up, and wait until its nodes are Ready.")
    {
        _cli = cli;
        Add(_process);
        Add(_nodes);
        Add(_zone);
        Add(_name);
        Add(_timeout);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster node add", "actorcluster node add edge --nodes 2 --zone zone-4"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        var wanted = new AddedWorker(parsed.GetValue(_process), parsed.GetValue(_nodes), parsed.GetValue(_zone));
        var worker = await _cli.Terminal.ProgressAsync($"Cluster '{folder.Name}'", progress =>
        {
            progress("starting another worker");
            return new ProcessCommands(folder, _cli.Supervisor(folder), _cli.Turn(cancellationToken)).AddAsync(wanted, _cli.Simulation.Random, parsed.GetValue(_timeout), _cli.Clock, cancellationToken);
        });
        _cli.Terminal.Line($"{worker.Name} was added: {string.Join(", ", worker.Nodes)} {(worker.Nodes.Count == 1 ? "is" : "are")} Ready.");
        await _cli.RecordAsync(folder, [worker.Name], warning: false, "ProcessStarted", $"Process {worker.Name} of the node was added to the cluster", cancellationToken);
        return ExitCode.Success;
    }
}
