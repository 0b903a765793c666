using System.Text.Json;

namespace ActorCluster.Cli.Commands;

/// <summary>On which nodes services have endpoints that take connections. Pure.</summary>
internal sealed class ServiceBackends
{
    private readonly Dictionary<string, string> _nodesByAddress = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _nodesByService = new(StringComparer.Ordinal);

    /// <param name="nodes">The items of the list of Nodes, as the API sends it.</param>
    /// <param name="slices">Those of the list of EndpointSlices.</param>
    public ServiceBackends(IEnumerable<JsonElement> nodes, IEnumerable<JsonElement> slices)
    {
        foreach (var node in nodes)
        {
            if (!node.TryGetProperty("status", out var status) || !status.TryGetProperty("addresses", out var addresses)) continue;
            foreach (var address in addresses.EnumerateArray()) _nodesByAddress[Text(address, "address")] = Text(node.GetProperty("metadata"), "name");
        }

        foreach (var slice in slices)
        {
            var metadata = slice.GetProperty("metadata");
            if (!metadata.TryGetProperty("labels", out var labels) || Text(labels, "kubernetes.io/service-name") is not { Length: > 0 } service) continue;
            if (!slice.TryGetProperty("endpoints", out var endpoints) || endpoints.ValueKind != JsonValueKind.Array) continue;
            foreach (var endpoint in endpoints.EnumerateArray().Where(TakesConnections)) Of($"{Text(metadata, "namespace")}/{service}").Add(Text(endpoint, "nodeName"));
        }
    }

    /// <summary>Why nobody answers there, in a few words; "" where somebody may.</summary>
    /// <param name="service">"namespace/name".</param>
    /// <param name="local">Connections go to the endpoints of the node that they come to alone (externalTrafficPolicy: Local).</param>
    /// <param name="target">Where they go in the cluster's network, "172.18.0.2:30080".</param>
    public string Lack(string service, bool local, string target)
    {
        var nodes = Of(service);
        if (nodes.Count == 0) return "no ready endpoint";
        // A load balancer's address is no node's: it leads to one that has endpoints.
        var host = target[..target.LastIndexOf(':')].Trim('[', ']');
        return local && _nodesByAddress.TryGetValue(host, out var node) && !nodes.Contains(node) ? "no local endpoint" : "";
    }

    /// <summary>As kube-proxy has it: those that are ready and, where none is, those that serve while they end.</summary>
    private static bool TakesConnections(JsonElement endpoint) =>
        !endpoint.TryGetProperty("conditions", out var conditions) || IsTrue(conditions, "ready", otherwise: true) || IsTrue(conditions, "serving", otherwise: false);

    private static bool IsTrue(JsonElement conditions, string name, bool otherwise) =>
        conditions.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : otherwise;

    private HashSet<string> Of(string service) => _nodesByService.TryGetValue(service, out var nodes) ? nodes : _nodesByService[service] = new(StringComparer.Ordinal);

    private static string Text(JsonElement element, string property) => element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
