using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>kill -9 of one process.</summary>
internal sealed class NodeKillCommand(CliContext cli) : NodeProcessCommand(
    cli, "kill", "End a process as a crash would (kill -9). Its nodes become NotReady and their pods are replaced elsewhere.", "killed", "ProcessKilled",
    (commands, process) => commands.KillAsync(process));
