using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Dashboard;
using ActorCluster.Host.Client;

namespace ActorCluster.Cli.Commands;

/// <summary>Serves a read-only page about a cluster until Ctrl-C.</summary>
internal sealed class DashboardCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();

    private readonly Option<int> _port = new("--port", "-p")
    {
        Description = "Port on 127.0.0.1; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 0,
    };

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
        using var api = KubeconfigClient.Create(folder.Kubeconfig);
        await using var dashboard = await DashboardServer.StartAsync(api, parsed.GetValue(_port), cancellationToken);
        _cli.Terminal.Line($"The dashboard of cluster '{folder.Name}' is at {dashboard.Address}. Ctrl-C ends it.");
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
}
