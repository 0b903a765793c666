using System.CommandLine;
using System.Text.Json;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Cli.Output;
using ActorCluster.Host.Client;
using ActorCluster.Host.State;
using ActorCluster.Nodes.Outside;
using Spectre.Console;

namespace ActorCluster.Cli.Commands;

/// <summary>The cluster's services, and where each is reached from this machine.</summary>
internal sealed class ServicesCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();

    public ServicesCommand(CliContext cli)
        : base("services", "List the services, and the URLs at which NodePorts and load balancers are reached from this machine.")
    {
        _cli = cli;
        Add(_name);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster services", "actorcluster services --name=lab"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        var sockets = OpenSockets(folder);
        using var client = KubeconfigClient.Create(folder.Kubeconfig);
        using var answer = JsonDocument.Parse(await client.GetByteArrayAsync("api/v1/services", cancellationToken));
        var table = Terminal.Table("NAMESPACE", "NAME", "TYPE", "ADDRESS", "PORT", "FROM THIS MACHINE");
        foreach (var service in answer.RootElement.GetProperty("items").EnumerateArray())
            foreach (var row in ServiceRows.Of(service, sockets)) table.AddRow(row.Select(cell => new Text(cell)));
        _cli.Terminal.Output.Write(table);
        return ExitCode.Success;
    }

    /// <summary>What the nodes of living processes have open.</summary>
    private static List<OpenSocket> OpenSockets(ClusterFolder folder)
    {
        var alive = folder.ReadProcesses().Where(process => process.Identity.IsAlive).Select(process => process.Name).ToHashSet(StringComparer.Ordinal);
        return [.. folder.ReadCluster()!.Processes.Where(process => alive.Contains(process.Name)).SelectMany(process => process.Nodes).SelectMany(folder.ReadSockets)];
    }
}
