using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Cli.Output;
using ActorCluster.Host.Client;
using ActorCluster.Host.State;
using Spectre.Console;

namespace ActorCluster.Cli.Commands;

/// <summary>A cluster's processes and what Kubernetes thinks of their nodes.</summary>
internal sealed class StatusCommand : Command, IHasExamples
{
    private static readonly TimeSpan ApiPatience = TimeSpan.FromSeconds(3);

    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();

    public StatusCommand(CliContext cli)
        : base("status", "Show a cluster's processes and nodes. Exit code 1 if a process does not run or is cut off, or a node is not Ready.")
    {
        _cli = cli;
        Add(_name);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples => ["actorcluster status"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = _cli.RequireCluster(parsed.GetValue(_name)!);
        var cluster = folder.ReadCluster()!;
        var lives = folder.ReadProcesses().ToDictionary(process => process.Name);
        var nodes = await ReadNodesAsync(folder, cancellationToken);
        var table = Terminal.Table("PROCESS", "PID", "STATE", "AKKA ADDRESS", "NODES");
        var healthy = nodes is not null;
        foreach (var process in cluster.Processes)
        {
            var alive = lives.TryGetValue(process.Name, out var life) && life.Identity.IsAlive;
            var paused = alive && life!.Identity.IsPaused is true;
            var cut = folder.ReadCuts(process.Name);
            healthy &= alive && !paused && cut.Count == 0 && process.Nodes.All(node => nodes?.GetValueOrDefault(node) == "Ready");
            table.AddRow(
                process.Name,
                alive ? life!.ProcessId.ToString(CultureInfo.InvariantCulture) : "-",
                (paused ? "paused" : alive ? "running" : "not running") + (cut.Count == 0 ? "" : $", cut off from {string.Join(", ", cut.Select(one => one.Process))}"),
                string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{process.Port}"),
                string.Join(", ", process.Nodes.Select(node => $"{node} {nodes?.GetValueOrDefault(node, "absent") ?? "unknown"}")));
        }

        _cli.Terminal.Output.Write(table);
        _cli.Terminal.Line("");
        _cli.Terminal.Line($"API:         https://127.0.0.1:{cluster.ApiPort}{(nodes is null ? " (does not answer)" : "")}");
        _cli.Terminal.Line($"kubeconfig:  {folder.Kubeconfig}");
        _cli.Terminal.Line($"logs:        {folder.Logs}");
        var hints = StatusHints.Of(folder, cluster).ToList();
        if (hints.Count > 0) _cli.Terminal.Line("");
        foreach (var hint in hints) _cli.Terminal.Line(hint);
        return healthy ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>Ready or NotReady by node; null if the API doesn't answer.</summary>
    private async Task<IReadOnlyDictionary<string, string>?> ReadNodesAsync(ClusterFolder folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.Kubeconfig)) return null;
        using var client = KubeconfigClient.Create(folder.Kubeconfig);
        using var patience = new CancellationTokenSource(ApiPatience, _cli.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var answer = JsonDocument.Parse(await client.GetByteArrayAsync("api/v1/nodes", either.Token));
            return answer.RootElement.GetProperty("items").EnumerateArray().ToDictionary(
                node => node.GetProperty("metadata").GetProperty("name").GetString()!,
                node => NodeReadiness.IsReady(node) ? "Ready" : "NotReady");
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
