using System.CommandLine;
using System.Net.Sockets;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Dashboard;
using ActorCluster.Host.Client;
using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands;

/// <summary>Serves a read-only page about a cluster until Ctrl-C.</summary>
internal sealed class DashboardCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();

    private readonly Option<int> _port = CommonOptions.Port("--port", "-p", "Port on 127.0.0.1; 0 takes a free one.");

    public DashboardCommand(CliContext cli)
        : base("dashboard", "Serve a read-only web page of a cluster's nodes, pods and services on loopback, until Ctrl-C.")
    {
        _cli = cli;
        Add(_name);
        Add(_port);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster dashboard --port 8080"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        using var api = ClusterApi.Open(folder);
        await using var dashboard = await StartAsync(folder, api, parsed.GetValue(_port), cancellationToken);
        _cli.Terminal.Line($"The dashboard of cluster '{folder.Name}' (Ctrl-C ends it): {dashboard.Address}");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _cli.Clock, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cli.Terminal.Line("The dashboard has ended.");
        }

        return ExitCode.Success;
    }

    /// <exception cref="ClusterCommandException">The port is taken.</exception>
    private static async Task<DashboardServer> StartAsync(ClusterFolder folder, HttpClient api, int port, CancellationToken cancellationToken)
    {
        try
        {
            return await DashboardServer.StartAsync(api, folder.Name, async token => [.. (await ServicePlaces.ReadAsync(api, folder, token)).Select(row => new ServicePlace(row[0], row[1], row[5]))], port, cancellationToken);
        }
        catch (Exception e) when (port != 0 && e is IOException or SocketException)
        {
            throw new ClusterCommandException($"Port {port} on 127.0.0.1 is taken by another program (or not yours to use). Choose another --port, or leave it out to get a free one.", e);
        }
    }
}
