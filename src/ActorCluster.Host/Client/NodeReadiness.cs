using System.Net;
using System.Text.Json;

namespace ActorCluster.Host.Client;

/// <summary>Watches the nodes of a cluster, from before its API answers, until those that are wanted are Ready.</summary>
/// <param name="kubeconfig">Need not exist yet.</param>
/// <param name="addOns">Whether it also waits until the add-ons' Deployments are there: they are made when the nodes of a new cluster are Ready, and who asks for them then is to find them.</param>
public sealed class NodeReadiness(string kubeconfig, IReadOnlyCollection<string> nodes, TimeProvider clock, bool addOns = false)
{
    private const string DnsDeployment = "apis/apps/v1/namespaces/kube-system/deployments/coredns";

    /// <summary>The API server has no way to tell a client that doesn't know it yet that it listens now.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(25);

    private readonly HashSet<string> _wanted = nodes.ToHashSet(StringComparer.Ordinal);
    private readonly HashSet<string> _ready = new(StringComparer.Ordinal);

    /// <summary>Returns when all nodes are Ready at once. Goes on for ever otherwise: cancel it.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (!File.Exists(kubeconfig)) await Task.Delay(RetryInterval, clock, cancellationToken);
        using var client = KubeconfigClient.Create(kubeconfig);
        while (true)
        {
            try
            {
                if (await WatchAsync(client, cancellationToken) && (!addOns || await AddOnsAreThereAsync(client, cancellationToken))) return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // Not listening yet, or gone again: the next round tells.
            }

            await Task.Delay(RetryInterval, clock, cancellationToken);
        }
    }

    private static async Task<bool> AddOnsAreThereAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(DnsDeployment, cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private async Task<bool> WatchAsync(HttpClient client, CancellationToken cancellationToken)
    {
        _ready.Clear();
        using var response = await client.GetAsync("api/v1/nodes?watch=true", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK) return false;
        if (_wanted.Count == 0) return true;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            Apply(line);
            if (_ready.Count == _wanted.Count) return true;
        }

        return false;
    }

    private void Apply(string line)
    {
        using var change = JsonDocument.Parse(line);
        var node = change.RootElement.GetProperty("object");
        if (!node.TryGetProperty("metadata", out var metadata) || !metadata.TryGetProperty("name", out var name)) return; // an ERROR's Status
        if (!_wanted.Contains(name.GetString()!)) return;
        var isReady = change.RootElement.GetProperty("type").GetString() is "ADDED" or "MODIFIED" && IsReady(node);
        if (isReady) _ready.Add(name.GetString()!);
        else _ready.Remove(name.GetString()!);
    }

    /// <summary>Whether a node, as the API sends it, has the condition Ready.</summary>
    public static bool IsReady(JsonElement node) =>
        node.TryGetProperty("status", out var status)
        && status.TryGetProperty("conditions", out var conditions)
        && conditions.EnumerateArray().Any(condition =>
            condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True");
}
