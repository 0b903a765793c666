using System.CommandLine;
using System.Globalization;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Cli.Output;
using Spectre.Console;

namespace ActorCluster.Cli.Commands;

/// <summary>All clusters of this state folder.</summary>
internal sealed class ListCommand : Command, IHasExamples
{
    private readonly CliContext _cli;

    public ListCommand(CliContext cli)
        : base("list", "List the clusters there are.")
    {
        _cli = cli;
        SetAction(cli.Guard((_, _) => Task.FromResult(Run())));
    }

    public IReadOnlyList<string> Examples => ["actorcluster list"];

    private int Run()
    {
        var clusters = _cli.Root.Clusters();
        if (clusters.Count == 0)
        {
            _cli.Terminal.Line($"No clusters in {_cli.Root.Path}. `actorcluster up` makes one.");
            return ExitCode.Success;
        }

        var table = Terminal.Table("NAME", "PROCESSES", "NODES", "API", "KUBECONFIG");
        foreach (var folder in clusters)
        {
            if (folder.ReadCluster() is not { } cluster) continue; // taken down while we looked
            var alive = folder.ReadProcesses().Count(process => process.Identity.IsAlive);
            table.AddRow(
                folder.Name,
                string.Create(CultureInfo.InvariantCulture, $"{alive}/{cluster.Processes.Count}"),
                cluster.Processes.Sum(process => process.Nodes.Count).ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{cluster.ApiPort}"),
                folder.Kubeconfig);
        }

        _cli.Terminal.Output.Write(table);
        return ExitCode.Success;
    }
}
