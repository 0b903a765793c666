using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>status.qosClass (pkg/apis/core/v1/helper/qos/qos.go): by the cpu and memory that the containers ask for.</summary>
internal static class QosClasses
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(V1PodSpec spec)
    {
        bool any = false, guaranteed = true;
        foreach (var container in spec.Containers.Concat(spec.InitContainers ?? []))
        {
            foreach (var resource in Counted)
            {
                var limit = Positive(container.Resources?.Limits, resource);
                var request = Positive(container.Resources?.Requests, resource) ?? limit;
                any |= limit is not null || request is not null;
                guaranteed &= limit is not null && limit == request;
            }
        }
        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static decimal? Positive(IDictionary<string, ResourceQuantity>? list, string resource) =>
        list is not null && list.TryGetValue(resource, out var quantity) && quantity.ToDecimal() is > 0 and var value ? value : null;
}
