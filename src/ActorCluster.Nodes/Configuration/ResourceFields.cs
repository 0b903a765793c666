using System.Globalization;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>The downward API's resourceFieldRef (pkg/api/v1/resource/helpers.go): a container's limit or request, or what the node has to give when it sets none.</summary>
internal static class ResourceFields
{
    /// <param name="allocatable">The node's, for limits that are not set.</param>
    /// <exception cref="PodConfigurationException">No such container or resource.</exception>
    public static string Resolve(V1Pod pod, V1Container container, V1ResourceFieldSelector selector, IReadOnlyDictionary<string, decimal> allocatable)
    {
        if (!string.IsNullOrEmpty(selector.ContainerName))
        {
            container = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(other => other.Name == selector.ContainerName)
                ?? throw new PodConfigurationException($"container {selector.ContainerName} not found");
        }
        var dot = selector.Resource.IndexOf('.', StringComparison.Ordinal);
        var (kind, resource) = dot < 0 ? ("", selector.Resource) : (selector.Resource[..dot], selector.Resource[(dot + 1)..]);
        var value = kind switch
        {
            "limits" => Of(container.Resources?.Limits, resource) ?? (allocatable.TryGetValue(resource, out var available) ? available : 0),
            "requests" => Of(container.Resources?.Requests, resource) ?? Of(container.Resources?.Limits, resource) ?? 0,
            _ => throw new PodConfigurationException($"unsupported container resource : {selector.Resource}"),
        };
        var divisor = selector.Divisor?.ToDecimal() is > 0 and var given ? given : 1;
        return decimal.Ceiling(value / divisor).ToString("0", CultureInfo.InvariantCulture);
    }

    private static decimal? Of(IDictionary<string, ResourceQuantity>? list, string resource) =>
        list is not null && list.TryGetValue(resource, out var quantity) ? quantity.ToDecimal() : null;
}
