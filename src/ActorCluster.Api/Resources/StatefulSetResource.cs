using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>statefulsets, apps/v1.</summary>
internal static class StatefulSetResource
{
    public static readonly ResourceDefinition Definition = new()
    {
        Name = new ResourceName("apps", "statefulsets"),
        Kind = "StatefulSet",
        Singular = "statefulset",
        ShortNames = ["sts"],
        Categories = ["all"],
        Scope = ResourceScope.Namespaced,
        Versions = [new ServedVersion("v1", ModelSchema.Of<V1StatefulSet>())],
        Strategy = new StatefulSetStrategy(),
        Subresources = [SubresourceDefinition.Scale, SubresourceDefinition.Status("StatefulSet")],
        Scale = ScaleMapping.Usual,
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Ready", "string", "Number of the pod with ready state"),
            TablePrinter.AgeColumn,
            new("Containers", "string", "Names of each container in the template.", 1),
            new("Images", "string", "Images referenced by each container in the template.", 1),
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            $"{obj.IntegerAt("status", "readyReplicas") ?? 0}/{obj.IntegerAt("spec", "replicas") ?? 0}",
            TablePrinter.Age(obj, now),
            PodTemplates.ContainerNames(obj),
            PodTemplates.Images(obj),
        ]),
    };
}
