using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Quotas;

/// <summary>What a pod requests and is limited to, all of its containers together (PodRequests and PodLimits in
/// k8s.io/component-helpers/resource).</summary>
public static class PodResources
{
    private static readonly string[] OfPods = ["cpu", "memory"];

    public static ImmutableSortedDictionary<string, Quantity> Requests(JsonObject pod, bool withOverhead = true) =>
        Total(pod, "requests", overhead: (_, _) => withOverhead);

    /// <summary>The overhead counts where there is a limit at all.</summary>
    public static ImmutableSortedDictionary<string, Quantity> Limits(JsonObject pod, bool withOverhead = true) =>
        Total(pod, "limits", overhead: (total, name) => withOverhead && total.ContainsKey(name));

    private static ImmutableSortedDictionary<string, Quantity> Total(
        JsonObject pod, string kind, Func<ImmutableSortedDictionary<string, Quantity>, string, bool> overhead)
    {
        var spec = pod.GetObject("spec") ?? [];
        var (sidecars, starting, running) = (ResourceAmounts.None, ResourceAmounts.None, ResourceAmounts.None);
        foreach (var container in spec.GetObjects("initContainers"))
        {
            var amounts = ResourceAmounts.Read(container.At("resources", kind));
            var isSidecar = container.GetString("restartPolicy") == "Always";
            if (isSidecar) sidecars = sidecars.Plus(amounts);
            starting = starting.AtLeast(isSidecar ? sidecars : sidecars.Plus(amounts));
        }
        foreach (var container in spec.GetObjects("containers")) running = running.Plus(ResourceAmounts.Read(container.At("resources", kind)));
        var total = running.Plus(sidecars).AtLeast(starting);
        // What is said of the pod as a whole takes the place of its containers' sum.
        foreach (var (name, amount) in ResourceAmounts.Read(spec.At("resources", kind)).Only(OfPods)) total = total.SetItem(name, amount);
        var extra = ResourceAmounts.Read(spec["overhead"]);
        return total.Plus(extra.RemoveRange(extra.Keys.Where(name => !overhead(total, name))));
    }
}
