using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Changes of a node, refused (409) if it has changed meanwhile.</summary>
internal static class NodePatch
{
    public static Task<V1Node?> SetTaintsAsync(KubeClient client, V1Node node, IList<V1Taint> taints, CancellationToken cancellationToken) =>
        PatchAsync(client, node, "spec", new JsonObject { ["taints"] = JsonNode.Parse(KubernetesJson.Serialize(taints)) }, "", cancellationToken);

    public static Task<V1Node?> SetConditionsAsync(KubeClient client, V1Node node, IList<V1NodeCondition> conditions, CancellationToken cancellationToken) =>
        PatchAsync(client, node, "status", new JsonObject { ["conditions"] = JsonNode.Parse(KubernetesJson.Serialize(conditions)) }, "status", cancellationToken);

    public static Task<V1Node?> SetPodCidrsAsync(KubeClient client, V1Node node, IReadOnlyList<string?> cidrs, CancellationToken cancellationToken) =>
        PatchAsync(client, node, "spec", new JsonObject { ["podCIDR"] = cidrs[0], ["podCIDRs"] = new JsonArray([.. cidrs.Select(cidr => (JsonNode?)cidr)]) }, "", cancellationToken);

    private static Task<V1Node?> PatchAsync(
        KubeClient client, V1Node node, string section, JsonObject change, string subresource, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = node.Metadata.Uid, ["resourceVersion"] = node.Metadata.ResourceVersion },
            [section] = change,
        };
        return client.PatchAsync<V1Node>("", node.Metadata.Name, patch, subresource, ct: cancellationToken);
    }
}
