using System.Text.Json.Nodes;
using k8s;

namespace ActorCluster.Controllers.Objects;

/// <summary>One text for one meaning: object keys sorted, nulls and empty lists left out (an empty object stays: <c>emptyDir: {}</c> means something). For comparing and hashing templates.</summary>
internal static class CanonicalJson
{
    public static string Of(object? value) => value is null ? "null" : Canonical(KubernetesJson.Serialize(value));

    /// <summary>Whether two objects mean the same.</summary>
    public static bool AreSame(object? left, object? right)
    {
        if (left is null || right is null) return Of(left) == Of(right);
        var (one, other) = (KubernetesJson.Serialize(left), KubernetesJson.Serialize(right));
        return one == other || Canonical(one) == Canonical(other);
    }

    private static string Canonical(string json) => Canonical(JsonNode.Parse(json))?.ToJsonString() ?? "null";

    private static JsonNode? Canonical(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject record:
                var sorted = new JsonObject();
                foreach (var (key, child) in record.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    if (Canonical(child) is { } kept) sorted.Add(key, kept);
                }

                return sorted;
            case JsonArray array when array.Count == 0:
                return null;
            case JsonArray array:
                return new JsonArray([.. array.Select(Canonical)]);
            default:
                return node?.DeepClone();
        }
    }
}
