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

    /// <param name="withStatus">
    /// Of a container that is being resized the most counts of what its spec asks for, its node has set aside for it and it has (KEP-1287). False: what the spec asks for.
    /// </param>
    public static ImmutableSortedDictionary<string, Quantity> Requests(JsonObject pod, bool withOverhead = true, bool withStatus = false) =>
        Total(pod, "requests", overhead: (_, _) => withOverhead, withStatus);

    /// <summary>The overhead counts where there is a limit at all.</summary>
    /// <param name="withStatus">As of <see cref="Requests"/>.</param>
    public static ImmutableSortedDictionary<string, Quantity> Limits(JsonObject pod, bool withOverhead = true, bool withStatus = false) =>
        Total(pod, "limits", overhead: (total, name) => withOverhead && total.ContainsKey(name), withStatus);

    private static ImmutableSortedDictionary<string, Quantity> Total(
        JsonObject pod, string kind, Func<ImmutableSortedDictionary<string, Quantity>, string, bool> overhead, bool withStatus)
    {
        var spec = pod.GetObject("spec") ?? [];
        var (sidecars, starting, running) = (ResourceAmounts.None, ResourceAmounts.None, ResourceAmounts.None);
        foreach (var container in spec.GetObjects("initContainers"))
        {
            var isSidecar = container.GetString("restartPolicy") == "Always";
            var amounts = isSidecar && withStatus ? Effective(pod, "initContainerStatuses", container, kind) : ResourceAmounts.Read(container.At("resources", kind));
            if (isSidecar) sidecars = sidecars.Plus(amounts);
            starting = starting.AtLeast(isSidecar ? sidecars : sidecars.Plus(amounts));
        }
        foreach (var container in spec.GetObjects("containers")) running = running.Plus(withStatus ? Effective(pod, "containerStatuses", container, kind) : ResourceAmounts.Read(container.At("resources", kind)));
        var total = running.Plus(sidecars).AtLeast(starting);
        // What is said of the pod as a whole takes the place of its containers' sum.
        foreach (var (name, amount) in ResourceAmounts.Read(spec.At("resources", kind)).Only(OfPods)) total = total.SetItem(name, amount);
        var extra = ResourceAmounts.Read(spec["overhead"]);
        return total.Plus(extra.RemoveRange(extra.Keys.Where(name => !overhead(total, name))));
    }

    private static ImmutableSortedDictionary<string, Quantity> Effective(JsonObject pod, string statuses, JsonObject container, string kind)
    {
        var asked = ResourceAmounts.Read(container.At("resources", kind));
        var name = container.GetString("name");
        if (pod.GetObject("status").GetObjects(statuses).FirstOrDefault(status => status.GetString("name") == name) is not { } known || known.GetObject("resources") is null) return asked;
        var actual = ResourceAmounts.Read(known.At("resources", kind));
        var given = kind == "requests" ? actual.AtLeast(ResourceAmounts.Read(known["allocatedResources"])) : actual;
        var isInfeasible = pod.GetObject("status").GetObjects("conditions").FirstOrDefault(condition => condition.GetString("type") == "PodResizePending")?.GetString("reason") == "Infeasible";
        return isInfeasible ? given : asked.AtLeast(given);
    }
}
