using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>SIGCONT to one process.</summary>
internal sealed class NodeResumeCommand(CliContext cli) : NodeProcessCommand(
    cli, "resume", "Let a paused process go on (SIGCONT). It learns which of its pods were replaced meanwhile, and ends them.", "resumed", "ProcessResumed",
    (commands, process) => commands.ResumeAsync(process), warning: false);
