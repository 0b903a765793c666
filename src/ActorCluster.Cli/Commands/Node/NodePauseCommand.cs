using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>SIGSTOP to one process.</summary>
internal sealed class NodePauseCommand(CliContext cli) : NodeProcessCommand(
    cli, "pause", "Freeze a process (SIGSTOP): it is there and does nothing, as a machine that hangs. Its nodes become NotReady and their pods are replaced elsewhere.", "paused", "ProcessPaused",
    (commands, process) => commands.PauseAsync(process));
