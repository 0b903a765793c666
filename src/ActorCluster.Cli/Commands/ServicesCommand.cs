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
    private readonly Option<string?> _kubeconfig = CommonOptions.Kubeconfig();

    public ServicesCommand(CliContext cli)
        : base("services", "List the services, and the URLs at which NodePorts and load balancers are reached from this machine.")
    {
        _cli = cli;
        Add(_name);
        Add(_kubeconfig);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster services", "actorcluster services --name=lab", "docker compose exec control-plane /app/actorcluster services --kubeconfig=/data/kubeconfig"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = parsed.GetValue(_kubeconfig) is null ? _cli.RequireCluster(parsed.GetValue(_name)!) : null;
        using var client = KubeconfigClient.Create(folder?.Kubeconfig ?? parsed.GetValue(_kubeconfig)!);
        var sockets = folder is null ? await AskNodesAsync(client, cancellationToken) : OpenSockets(folder);
        using var answer = JsonDocument.Parse(await client.GetByteArrayAsync("api/v1/services", cancellationToken));
        var table = Terminal.Table("NAMESPACE", "NAME", "TYPE", "ADDRESS", "PORT", "FROM THIS MACHINE");
        foreach (var service in answer.RootElement.GetProperty("items").EnumerateArray())
            foreach (var row in ServiceRows.Of(service, sockets)) table.AddRow(row.Select(cell => new Text(cell)));
        _cli.Terminal.Output.Write(table);
        return ExitCode.Success;
    }

    /// <summary>What the nodes say that they have open; one that doesn't answer has nothing.</summary>
    private static async Task<List<OpenSocket>> AskNodesAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var nodes = JsonDocument.Parse(await client.GetByteArrayAsync("api/v1/nodes", cancellationToken));
        var sockets = new List<OpenSocket>();
        foreach (var node in nodes.RootElement.GetProperty("items").EnumerateArray().Select(node => node.GetProperty("metadata").GetProperty("name").GetString()!))
        {
            using var answer = await client.GetAsync($"api/v1/nodes/{node}/proxy/debug/sockets", cancellationToken);
            if (!answer.IsSuccessStatusCode) continue;
            sockets.AddRange(JsonSerializer.Deserialize<OpenSocket[]>(await answer.Content.ReadAsByteArrayAsync(cancellationToken), JsonSerializerOptions.Web) ?? []);
        }
        return sockets;
    }

    /// <summary>What the nodes of living processes have open.</summary>
    private static List<OpenSocket> OpenSockets(ClusterFolder folder)
    {
        var alive = folder.ReadProcesses().Where(process => process.Identity.IsAlive).Select(process => process.Name).ToHashSet(StringComparer.Ordinal);
        return [.. folder.ReadCluster()!.Processes.Where(process => alive.Contains(process.Name)).SelectMany(process => process.Nodes).SelectMany(folder.ReadSockets)];
    }
}
