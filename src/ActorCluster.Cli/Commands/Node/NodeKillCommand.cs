using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>kill -9 of processes.</summary>
internal sealed class NodeKillCommand(CliContext cli) : NodeProcessCommand(
    cli, "kill", "End processes as a crash would (kill -9). Their nodes become NotReady and their pods are replaced elsewhere.", "killed", "ProcessKilled",
    (commands, processes) => commands.KillAsync(processes));
