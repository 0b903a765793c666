using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>statefulsets, apps/v1.</summary>
internal static class StatefulSetResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1StatefulSet>() with
    {
        ShortNames = ["sts"],
        Categories = ["all"],
        Strategy = new StatefulSetStrategy(),
        Subresources = [SubresourceDefinition.Scale, SubresourceDefinition.Status("StatefulSet")],
        Scale = ScaleMapping.Usual,
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Ready", "string", "Number of the pod with ready state"),
            TablePrinter.AgeColumn,
            .. PodTemplates.ContainerColumns,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            $"{obj.IntegerAt("status", "readyReplicas") ?? 0}/{obj.IntegerAt("spec", "replicas") ?? 0}",
            TablePrinter.Age(obj, now),
            .. PodTemplates.Containers(obj),
        ]),
    };
}
