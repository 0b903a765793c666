using System.Reflection;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>The beginning of a definition: what the official model of a resource's objects says of it.</summary>
internal static class ModelResource
{
    public static ResourceDefinition Namespaced<T>() => Of<T>(ResourceScope.Namespaced);

    public static ResourceDefinition ClusterWide<T>() => Of<T>(ResourceScope.Cluster);

    private static ResourceDefinition Of<T>(ResourceScope scope)
    {
        var entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()!;
        return new ResourceDefinition
        {
            Name = new ResourceName(entity.Group, entity.PluralName),
            Kind = entity.Kind,
            Singular = entity.Kind.ToLowerInvariant(),
            Scope = scope,
            Versions = [new ServedVersion(entity.ApiVersion, ModelSchema.Of<T>())],
            Strategy = new ResourceStrategy(),
            Printer = TablePrinter.Default,
        };
    }
}
