using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Host.Client;
using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands.Network;

/// <summary>What the network commands ask a cluster's API.</summary>
internal sealed class ClusterQueries : IDisposable
{
    private readonly HttpClient _client;

    private ClusterQueries(HttpClient client) => _client = client;

    /// <exception cref="ClusterNotFoundException">The cluster has not been started, or has lost its control plane.</exception>
    public static ClusterQueries Open(ClusterFolder folder) => new(ClusterApi.Open(folder));

    /// <summary>Of one that others run, as Docker Compose does, by its kubeconfig.</summary>
    /// <exception cref="ClusterNotFoundException">There is no such file.</exception>
    public static ClusterQueries Open(string kubeconfig) => new(ClusterApi.Open(kubeconfig));

    public void Dispose() => _client.Dispose();

    /// <param name="plural">pods, services.</param>
    /// <exception cref="ClusterCommandException">There is no such object.</exception>
    public async Task<JsonNode> GetAsync(string plural, string singular, string ns, string name, CancellationToken cancellationToken) =>
        await ReadAsync($"api/v1/namespaces/{Uri.EscapeDataString(ns)}/{plural}/{Uri.EscapeDataString(name)}", $"There is no {singular} '{name}' in namespace '{ns}'.", cancellationToken);

    public Task<JsonNode> TraceAsync(string node, string query, CancellationToken cancellationToken) =>
        ReadAsync($"actorcluster/nodes/{Uri.EscapeDataString(node)}/trace?{query}", $"There is no node '{node}'.", cancellationToken);

    /// <summary>Has a pod's node look a name up as the pod's programs would.</summary>
    public Task<JsonNode> LookUpAsync(JsonNode pod, string name, CancellationToken cancellationToken)
    {
        string Field(string part, string field) => Uri.EscapeDataString(pod[part]?[field]?.GetValue<string>() ?? "");
        return ReadAsync($"actorcluster/nodes/{Field("spec", "nodeName")}/lookup?namespace={Field("metadata", "namespace")}&pod={Field("metadata", "name")}&uid={Field("metadata", "uid")}&name={Uri.EscapeDataString(name)}",
            $"Pod '{pod["metadata"]?["name"]}' runs no more.", cancellationToken);
    }

    /// <exception cref="ClusterCommandException">There is no such node.</exception>
    public Task<JsonNode> GetNodeAsync(string name, CancellationToken cancellationToken) =>
        ReadAsync($"api/v1/nodes/{Uri.EscapeDataString(name)}", $"There is no node '{name}'.", cancellationToken);

    /// <summary>A namespace's pods that a label selector matches; of all namespaces if none is given.</summary>
    public async Task<IReadOnlyList<JsonNode>> PodsAsync(string? ns, string selector, CancellationToken cancellationToken)
    {
        var list = await ReadAsync($"api/v1/{(ns is null ? "" : $"namespaces/{Uri.EscapeDataString(ns)}/")}pods?labelSelector={Uri.EscapeDataString(selector)}", "The cluster has no pods.", cancellationToken);
        return [.. list["items"]!.AsArray().Select(pod => pod!)];
    }

    public async Task<IReadOnlyList<string>> NodesAsync(CancellationToken cancellationToken)
    {
        var list = await ReadAsync("api/v1/nodes", "The cluster has no nodes.", cancellationToken);
        return [.. list["items"]!.AsArray().Select(node => node!["metadata"]!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal)];
    }

    /// <summary>Opens a capture on a node; ends with the stream.</summary>
    public async Task<Stream> CaptureAsync(string node, IEnumerable<string> pods, CancellationToken cancellationToken)
    {
        var query = string.Join('&', pods.Select(pod => $"pod={Uri.EscapeDataString(pod)}"));
        var response = await _client.GetAsync(new Uri($"actorcluster/nodes/{Uri.EscapeDataString(node)}/capture?{query}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode) throw await RefusalAsync(response, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    private async Task<JsonNode> ReadAsync(string path, string absent, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound) throw new ClusterCommandException(absent);
        if (!response.IsSuccessStatusCode) throw await RefusalAsync(response, cancellationToken);
        return (await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken))!;
    }

    private static async Task<ClusterCommandException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return new ClusterCommandException(JsonNode.Parse(body)?["message"]?.GetValue<string>() ?? body);
        }
        catch (JsonException)
        {
            return new ClusterCommandException($"The API answered {(int)response.StatusCode}: {body}");
        }
    }
}
