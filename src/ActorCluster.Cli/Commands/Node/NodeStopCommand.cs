using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>SIGTERM to processes.</summary>
internal sealed class NodeStopCommand(CliContext cli) : NodeProcessCommand(
    cli, "stop", "End processes in order (SIGTERM): their pods get their grace to end, and Kubernetes hears of it.", "stopped", "ProcessStopped", (commands, processes) => commands.StopAsync(processes));
