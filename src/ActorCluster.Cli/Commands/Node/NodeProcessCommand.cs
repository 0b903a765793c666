using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>What the commands have in common that do something to one running process.</summary>
internal abstract class NodeProcessCommand : Command, IHasExamples
{
    protected NodeProcessCommand(CliContext cli, string name, string description, string done, Func<ProcessCommands, string, Task<int>> act)
        : base(name, description)
    {
        var cluster = CommonOptions.Name();
        var process = new Argument<string>("PROCESS") { Description = "worker-1, ... or control-plane." };
        Add(process);
        Add(cluster);
        SetAction(cli.Guard(async (parsed, _) =>
        {
            var folder = cli.RequireCluster(parsed.GetValue(cluster)!);
            var processId = await act(new ProcessCommands(folder, cli.Supervisor(folder)), parsed.GetValue(process)!);
            cli.Terminal.Line($"{parsed.GetValue(process)} (process {processId}) was {done}.");
            return ExitCode.Success;
        }));
    }

    public IReadOnlyList<string> Examples => [$"actorcluster node {Name} worker-2", $"actorcluster node {Name} control-plane"];
}
