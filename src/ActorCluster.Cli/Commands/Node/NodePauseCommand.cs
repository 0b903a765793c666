using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>SIGSTOP to processes.</summary>
internal sealed class NodePauseCommand(CliContext cli) : NodeProcessCommand(
    cli, "pause", "Freeze processes (SIGSTOP): they are there and do nothing, as machines that hang. Their nodes become NotReady and their pods are replaced elsewhere.", "paused", "ProcessPaused",
    (commands, processes) => commands.PauseAsync(processes));
