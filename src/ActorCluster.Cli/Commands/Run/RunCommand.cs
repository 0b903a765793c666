using System.CommandLine;
using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Run;

/// <summary>The processes of a cluster themselves, in the foreground: what `up` starts, and what a container engine may start instead.</summary>
internal sealed class RunCommand : Command, IHasExamples
{
    public RunCommand(CliContext cli)
        : base("run", "Run one process of a cluster in the foreground; `up` does it for you.")
    {
        Hidden = true;
        Add(new RunControlPlaneCommand(cli));
        Add(new RunWorkerCommand(cli));
    }

    public IReadOnlyList<string> Examples => ["actorcluster run control-plane --help", "actorcluster run worker --help"];
}
