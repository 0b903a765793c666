using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Cli.Output;
using ActorCluster.Host.Client;
using Spectre.Console;

namespace ActorCluster.Cli.Commands;

/// <summary>The cluster's services, and where each is reached from this machine.</summary>
internal sealed class ServicesCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();
    private readonly Option<string?> _namespace = CommonOptions.Namespace("The namespace of the services; all namespaces without it.");
    private readonly Option<bool> _everywhere = CommonOptions.AllNamespaces("Those of all namespaces, as without --namespace.");
    private readonly Option<string?> _kubeconfig = CommonOptions.Kubeconfig();

    public ServicesCommand(CliContext cli)
        : base("services", "List the services, and the URLs at which NodePorts and load balancers are reached from this machine.")
    {
        _cli = cli;
        Add(_namespace);
        Add(_everywhere);
        Add(_name);
        Add(_kubeconfig);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster services", "actorcluster services -n shop", "actorcluster services --name=lab", "docker compose exec control-plane /app/actorcluster services --kubeconfig=/data/kubeconfig"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = parsed.GetValue(_kubeconfig) is null ? _cli.RequireCluster(parsed.GetValue(_name)!) : null;
        using var client = folder is null ? ClusterApi.Open(parsed.GetValue(_kubeconfig)!) : ClusterApi.Open(folder);
        var wanted = parsed.GetValue(_everywhere) ? null : parsed.GetValue(_namespace);
        var rows = (await ServicePlaces.ReadAsync(client, folder, cancellationToken)).Where(row => wanted is null || row[0] == wanted).ToList();
        if (rows.Count == 0)
        {
            _cli.Terminal.Line(wanted is null ? "There are no services." : $"There are no services in namespace '{wanted}'.");
            return ExitCode.Success;
        }

        var table = Terminal.Table("NAMESPACE", "NAME", "TYPE", "ADDRESS", "PORT", "FROM THIS MACHINE");
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        _cli.Terminal.Output.Write(table);
        return ExitCode.Success;
    }
}
