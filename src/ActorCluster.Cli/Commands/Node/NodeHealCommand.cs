using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>Ends a partition.</summary>
internal sealed class NodeHealCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();
    private readonly Argument<string> _process = NodeProcessCommand.ProcessArgument("The process that is cut off.");
    private readonly Option<string[]> _from = NodePartitionCommand.From("The process to join it to again; may be given many times. Without it: everyone.");

    public NodeHealCommand(CliContext cli)
        : base("heal", "End a partition: what was cut off finds the others again by itself, and learns which of its pods were replaced.")
    {
        _cli = cli;
        Add(_process);
        Add(_from);
        Add(_name);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster node heal worker-2", "actorcluster node heal worker-2 --from worker-3"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        var process = parsed.GetValue(_process)!;
        var others = await new PartitionCommands(folder, _cli.Clock, _cli.Turn(cancellationToken)).HealAsync(process, parsed.GetValue(_from) ?? [], cancellationToken);
        var from = string.Join(", ", others);
        _cli.Terminal.Line($"{process} is not cut off from {from} any more.");
        await _cli.RecordAsync(folder, NodeEventRecorder.Concerned(process, others), warning: false, "NetworkHealed", $"Process {process} is not cut off from {from} any more", cancellationToken);
        return ExitCode.Success;
    }
}
