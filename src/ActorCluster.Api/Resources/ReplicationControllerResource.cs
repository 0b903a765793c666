using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Selectors;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>replicationcontrollers, v1.</summary>
internal static class ReplicationControllerResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1ReplicationController>() with
    {
        ShortNames = ["rc"],
        Categories = ["all"],
        Strategy = new ReplicationControllerStrategy(),
        Subresources = [SubresourceDefinition.Scale, SubresourceDefinition.Status("ReplicationController")],
        SelectableFields = [SelectableField.At("status.replicas")],
        Scale = ScaleMapping.OfMap,
        Printer = new TablePrinter(
            [.. ReplicaSetResource.CountColumns, .. PodTemplates.ContainerColumns, PodTemplates.SelectorColumn],
            (obj, now) =>
            [
                .. ReplicaSetResource.Counts(obj, now),
                .. PodTemplates.Containers(obj),
                obj.GetObject("spec").GetStringMap("selector") is { Count: > 0 } selector ? LabelSelector.FromMap(selector).ToString() : "<none>",
            ]),
    };
}
