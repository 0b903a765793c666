using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>What the commands have in common that do something to one running process.</summary>
internal abstract class NodeProcessCommand : Command, IHasExamples
{
    /// <param name="done">What was done to it, after "was".</param>
    /// <param name="reason">Of the event on its nodes.</param>
    /// <param name="warning">Whether that is a warning.</param>
    protected NodeProcessCommand(CliContext cli, string name, string description, string done, string reason, Func<ProcessCommands, string, Task<int>> act, bool warning = true)
        : base(name, description)
    {
        var cluster = CommonOptions.Name();
        var process = ProcessArgument("worker-1, ... or control-plane.");
        Add(process);
        Add(cluster);
        SetAction(cli.Guard(async (parsed, cancellationToken) =>
        {
            var folder = cli.RequireCluster(parsed.GetValue(cluster)!);
            var named = parsed.GetValue(process)!;
            var processId = await act(new ProcessCommands(folder, cli.Supervisor(folder)), named);
            cli.Terminal.Line($"{named} (process {processId}) was {done}.");
            await cli.RecordAsync(folder, [named], warning, reason, $"Process {named} ({processId}) of the node was {done}", cancellationToken);
            return ExitCode.Success;
        }));
    }

    public IReadOnlyList<string> Examples => [$"actorcluster node {Name} worker-2", $"actorcluster node {Name} control-plane"];

    public static Argument<string> ProcessArgument(string description) => new("PROCESS") { Description = description };
}
