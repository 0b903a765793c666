using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>What of a container's resources can be changed while it runs: its requests and limits of cpu and memory.</summary>
internal static class ContainerResources
{
    private const string RestartContainer = "RestartContainer";
    private static readonly string[] Resizable = ["cpu", "memory"];

    public static bool Same(V1ResourceRequirements? one, V1ResourceRequirements? other) => ReferenceEquals(one, other) || Resizable.All(resource => Same(one, other, resource));

    /// <summary>The same for each container that both have.</summary>
    public static bool Same(V1PodSpec one, V1PodSpec other) => Same(one.Containers, other.Containers) && Same(one.InitContainers, other.InitContainers);

    /// <summary>The container's resizePolicy wants it to be restarted for this change; it needs not be where it doesn't say (NotRequired).</summary>
    public static bool NeedsRestart(V1Container container, V1ResourceRequirements? from, V1ResourceRequirements? to) =>
        container.ResizePolicy?.Any(policy => policy.RestartPolicy == RestartContainer && !Same(from, to, policy.ResourceName)) == true;

    private static bool Same(IList<V1Container>? containers, IList<V1Container>? others)
    {
        foreach (var container in containers ?? [])
        {
            if (others?.FirstOrDefault(candidate => candidate.Name == container.Name) is { } other && !Same(container.Resources, other.Resources)) return false;
        }
        return true;
    }

    private static bool Same(V1ResourceRequirements? one, V1ResourceRequirements? other, string resource) =>
        Amount(one?.Requests, resource) == Amount(other?.Requests, resource) && Amount(one?.Limits, resource) == Amount(other?.Limits, resource);

    private static decimal Amount(IDictionary<string, ResourceQuantity>? list, string resource) =>
        list is not null && list.TryGetValue(resource, out var quantity) ? quantity.ToDecimal() : 0;
}
