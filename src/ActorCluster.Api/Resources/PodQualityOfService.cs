using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Resources;

/// <summary>BestEffort, Burstable or Guaranteed, from what the containers request and are limited to (pkg/apis/core/helper/qos).</summary>
public static class PodQualityOfService
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(JsonObject pod)
    {
        var requests = new Dictionary<string, Quantity>();
        var limits = new Dictionary<string, Quantity>();
        var guaranteed = true;
        foreach (var container in PodDefaults.Containers(pod.GetObject("spec") ?? []))
        {
            Add(requests, container.At("resources", "requests") as JsonObject);
            guaranteed &= Add(limits, container.At("resources", "limits") as JsonObject) == Counted.Length;
        }
        if (requests.Count == 0 && limits.Count == 0) return "BestEffort";
        guaranteed &= requests.Count == limits.Count && requests.All(r => limits.TryGetValue(r.Key, out var limit) && limit.Nanos == r.Value.Nanos);
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static int Add(Dictionary<string, Quantity> sums, JsonObject? amounts)
    {
        var found = 0;
        foreach (var name in Counted)
        {
            if (!Quantity.TryParse(amounts?.GetString(name), out var amount) || amount.Sign <= 0) continue;
            found++;
            sums[name] = sums.TryGetValue(name, out var sum) ? sum + amount : amount;
        }
        return found;
    }
}
