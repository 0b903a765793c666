using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>What the commands have in common that do something to running processes.</summary>
internal abstract class NodeProcessCommand : Command, IHasExamples
{
    /// <param name="done">What was done to each, after "was".</param>
    /// <param name="reason">Of the event on its nodes.</param>
    /// <param name="warning">Whether that is a warning.</param>
    protected NodeProcessCommand(CliContext cli, string name, string description, string done, string reason, Func<ProcessCommands, IReadOnlyList<string>, Task<IReadOnlyList<int>>> act, bool warning = true)
        : base(name, description)
    {
        var cluster = CommonOptions.Name();
        var processes = ProcessesArgument("worker-1, ... or control-plane; several at once.");
        Add(processes);
        Add(cluster);
        SetAction(cli.Guard(async (parsed, cancellationToken) =>
        {
            var folder = cli.RequireCluster(parsed.GetValue(cluster)!);
            var named = parsed.GetValue(processes)!.Distinct().ToList();
            var ids = await act(new ProcessCommands(folder, cli.Supervisor(folder), cli.Turn(cancellationToken)), named);
            foreach (var (process, id) in named.Zip(ids)) cli.Terminal.Line($"{process} (process {id}) was {done}.");
            foreach (var (process, id) in named.Zip(ids))
                await cli.RecordAsync(folder, [process], warning, reason, $"Process {process} ({id}) of the node was {done}", cancellationToken);
            return ExitCode.Success;
        }));
    }

    public IReadOnlyList<string> Examples => [$"actorcluster node {Name} worker-2", $"actorcluster node {Name} worker-1 worker-3", $"actorcluster node {Name} control-plane"];

    public static Argument<string[]> ProcessesArgument(string description) => new("PROCESS") { Description = description, Arity = ArgumentArity.OneOrMore };

    public static Argument<string> ProcessArgument(string description) => new("PROCESS") { Description = description };
}
