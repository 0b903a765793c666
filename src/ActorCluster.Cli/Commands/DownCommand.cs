using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands;

/// <summary>Ends a cluster's processes and removes its state.</summary>
internal sealed class DownCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();

    public DownCommand(CliContext cli)
        : base("down", "End a cluster's processes and remove its state. A folder given with --data stays.")
    {
        _cli = cli;
        Add(_name);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster down", "actorcluster down --name second"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.Root.Cluster(parsed.GetValue(_name)!);
        var ended = await _cli.Terminal.ProgressAsync($"Cluster '{folder.Name}'", progress =>
        {
            progress("ending its processes");
            return new ClusterTerminator(folder, _cli.Supervisor(folder)).DownAsync(_cli.Turn(cancellationToken));
        });
        _cli.Terminal.Line($"Cluster '{folder.Name}' is down: {ended} {(ended == 1 ? "process" : "processes")} ended.");
        return ExitCode.Success;
    }
}
