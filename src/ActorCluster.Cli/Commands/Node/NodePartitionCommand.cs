using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>Cuts a process off from others, at the transport.</summary>
internal sealed class NodePartitionCommand : Command, IHasExamples
{
    private const string Both = "both";
    private const string Sent = "sent";
    private const string Received = "received";

    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();
    private readonly Argument<string> _process = NodeProcessCommand.ProcessArgument("The process to cut off: worker-1, ... or control-plane.");
    private readonly Option<string[]> _from = From("The process to cut it off from; may be given many times. Without it: a worker from the control plane, the control plane from all workers.");

    private readonly Option<string> _lost = new("--lost")
    {
        Description = "What is lost: both ways, or only what the process sends, or only what it receives.", HelpName = $"{Both}|{Sent}|{Received}", DefaultValueFactory = _ => Both,
    };

    public NodePartitionCommand(CliContext cli)
        : base("partition", "Cut a process off from others, as a broken network does: it runs on, and nothing passes between them. What is cut off from the control plane becomes NotReady; its pods go on and reach each other.")
    {
        _cli = cli;
        _lost.AcceptOnlyFromAmong(Both, Sent, Received);
        Add(_process);
        Add(_from);
        Add(_lost);
        Add(_name);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples =>
    [
        "actorcluster node partition worker-2",
        "actorcluster node partition worker-2 --from worker-1 --from worker-3",
        "actorcluster node partition worker-2 --lost sent",
    ];

    public static Option<string[]> From(string description) => new("--from") { Description = description, HelpName = "PROCESS" };

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        var process = parsed.GetValue(_process)!;
        var (loss, lost) = parsed.GetValue(_lost) switch
        {
            Sent => (LinkLoss.Sent, ": what it sends to them is lost"),
            Received => (LinkLoss.Received, ": what they send to it is lost"),
            _ => (LinkLoss.Both, ""),
        };
        var others = await new PartitionCommands(folder, _cli.Clock, _cli.Turn(cancellationToken)).PartitionAsync(process, parsed.GetValue(_from) ?? [], loss, cancellationToken);
        var from = string.Join(", ", others);
        _cli.Terminal.Line($"{process} is cut off from {from}{lost}.");
        await _cli.RecordAsync(
            folder, NodeEventRecorder.Concerned(process, others), warning: true, "NetworkPartitioned", $"Process {process} was cut off from {from}{lost}", cancellationToken);
        return ExitCode.Success;
    }
}
