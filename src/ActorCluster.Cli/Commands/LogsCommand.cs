using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands;

/// <summary>Prints the log of one of a cluster's processes.</summary>
internal sealed class LogsCommand : Command, IHasExamples
{
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(100);

    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();
    private readonly Argument<string> _process = new("PROCESS") { Description = "control-plane, worker-1, ..." };
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on as the log grows, until Ctrl-C." };

    public LogsCommand(CliContext cli)
        : base("logs", "Print the log of a process, from its latest start.")
    {
        _cli = cli;
        Add(_process);
        Add(_name);
        Add(_follow);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster logs worker-1", "actorcluster logs control-plane -f"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        var process = parsed.GetValue(_process)!;
        RequireProcess(folder, process);
        var log = folder.LogOf(process);
        if (!File.Exists(log)) throw new ClusterNotFoundException($"{process} has written no log yet.");
        await using var output = Console.OpenStandardOutput();
        await using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await file.CopyToAsync(output, cancellationToken);
        while (parsed.GetValue(_follow))
        {
            await Task.Delay(FollowInterval, _cli.Clock, cancellationToken);
            await file.CopyToAsync(output, cancellationToken);
        }

        return ExitCode.Success;
    }

    private static void RequireProcess(ClusterFolder folder, string process)
    {
        var known = folder.ReadCluster()?.Processes.Select(planned => planned.Name).ToList() ?? [];
        if (!known.Contains(process))
            throw new ClusterNotFoundException($"Cluster '{folder.Name}' has no process '{process}'. It has {string.Join(", ", known)}.");
    }
}
