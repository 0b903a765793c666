using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>SIGTERM to one process.</summary>
internal sealed class NodeStopCommand(CliContext cli) : NodeProcessCommand(
    cli, "stop", "End a process in order (SIGTERM): its pods get their grace to end, and Kubernetes hears of it.", "stopped", "ProcessStopped", (commands, process) => commands.StopAsync(process));
