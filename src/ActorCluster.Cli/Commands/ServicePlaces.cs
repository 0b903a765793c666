using System.Text.Json;
using ActorCluster.Host.State;
using ActorCluster.Nodes.Outside;

namespace ActorCluster.Cli.Commands;

/// <summary>A cluster's services and where each is reached from this machine, as lines of a table (<see cref="ServiceRows"/>).</summary>
internal static class ServicePlaces
{
    /// <param name="folder">The cluster's, for one of this machine; null: its nodes are asked what they have open.</param>
    public static async Task<IReadOnlyList<string[]>> ReadAsync(HttpClient client, ClusterFolder? folder, CancellationToken cancellationToken)
    {
        var nodes = await ItemsAsync(client, "api/v1/nodes", cancellationToken);
        var slices = await ItemsAsync(client, "apis/discovery.k8s.io/v1/endpointslices", cancellationToken);
        var services = await ItemsAsync(client, "api/v1/services", cancellationToken);
        var sockets = folder is null ? await AskNodesAsync(client, nodes, cancellationToken) : OpenSockets(folder);
        var backends = new ServiceBackends(nodes, slices);
        return [.. services.SelectMany(service => ServiceRows.Of(service, sockets, backends))];
    }

    private static async Task<List<JsonElement>> ItemsAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        using var answer = JsonDocument.Parse(await client.GetByteArrayAsync(path, cancellationToken));
        return [.. answer.RootElement.Clone().GetProperty("items").EnumerateArray()];
    }

    /// <summary>What the nodes say that they have open; one that doesn't answer has nothing.</summary>
    private static async Task<List<OpenSocket>> AskNodesAsync(HttpClient client, IEnumerable<JsonElement> nodes, CancellationToken cancellationToken)
    {
        var sockets = new List<OpenSocket>();
        foreach (var node in nodes.Select(node => node.GetProperty("metadata").GetProperty("name").GetString()!))
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
        return [.. (folder.ReadCluster()?.Processes ?? []).Where(process => alive.Contains(process.Name)).SelectMany(process => process.Nodes).SelectMany(folder.ReadSockets)];
    }
}
