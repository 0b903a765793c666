using System.CommandLine;
using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>What can happen to a single process of a cluster.</summary>
internal sealed class NodeCommand : Command, IHasExamples
{
    public NodeCommand(CliContext cli)
        : base("node", "Add a worker, or kill, stop, start, pause, resume, cut off or heal processes of a cluster: workers with their nodes, or the control plane.")
    {
        Add(new NodeAddCommand(cli));
        Add(new NodeKillCommand(cli));
        Add(new NodeStopCommand(cli));
        Add(new NodeStartCommand(cli));
        Add(new NodePauseCommand(cli));
        Add(new NodeResumeCommand(cli));
        Add(new NodePartitionCommand(cli));
        Add(new NodeHealCommand(cli));
    }

    public IReadOnlyList<string> Examples =>
        ["actorcluster node kill worker-2", "actorcluster node start worker-2", "actorcluster node partition worker-2 && actorcluster node heal worker-2", "actorcluster node add --zone zone-2"];
}
