using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Cli.Demo;

namespace ActorCluster.Cli.Commands;

/// <summary>Shows the whole of it, step by step.</summary>
internal sealed class DemoCommand : Command, IHasExamples
{
    private readonly CliContext _cli;

    private readonly Option<bool> _library = new("--no-kubectl")
    {
        Description = "Do the steps with the official C# client even if there is a kubectl.",
    };

    private readonly Option<Duration> _timeout = CommonOptions.Duration("--timeout", "How long to wait, in each step, for what it brings about.", TimeSpan.FromSeconds(60));

    public DemoCommand(CliContext cli)
        : base("demo", "Start a cluster, run the networking tutorial on it, kill a node, and clean up. Exit code 1 if a step fails.")
    {
        _cli = cli;
        Add(_library);
        Add(_timeout);
        SetAction(cli.Guard(async (parsed, cancellationToken) =>
            await new DemoRunner(_cli, workers: 3, useKubectl: !parsed.GetValue(_library), parsed.GetValue(_timeout)).RunAsync(cancellationToken) ? ExitCode.Success : ExitCode.Failure));
    }

    public IReadOnlyList<string> Examples => ["actorcluster demo", "actorcluster demo --no-kubectl"];
}
