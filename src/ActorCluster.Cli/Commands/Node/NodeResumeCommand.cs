using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>SIGCONT to processes.</summary>
internal sealed class NodeResumeCommand(CliContext cli) : NodeProcessCommand(
    cli, "resume", "Let paused processes go on (SIGCONT). They learn which of their pods were replaced meanwhile, and end them.", "resumed", "ProcessResumed",
    (commands, processes) => commands.ResumeAsync(processes), warning: false);
