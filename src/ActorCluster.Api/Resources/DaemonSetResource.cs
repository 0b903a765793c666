using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>daemonsets, apps/v1.</summary>
internal static class DaemonSetResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1DaemonSet>() with
    {
        ShortNames = ["ds"],
        Categories = ["all"],
        Strategy = new DaemonSetStrategy(),
        Subresources = [SubresourceDefinition.Status("DaemonSet")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Desired", "integer", "Number of nodes that should run the daemon pod."),
            new("Current", "integer", "Number of nodes that run at least one daemon pod and should."),
            new("Ready", "integer", "Number of nodes that should run the daemon pod and have one that is ready."),
            new("Up-to-date", "integer", "Number of nodes that run the daemon pod of the present template."),
            new("Available", "integer", "Number of nodes that have had a ready daemon pod for minReadySeconds."),
            new("Node Selector", "string", "Labels that a node must have for the pod to fit on it."),
            TablePrinter.AgeColumn,
            .. PodTemplates.ContainerColumns,
            PodTemplates.SelectorColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            obj.IntegerAt("status", "desiredNumberScheduled") ?? 0,
            obj.IntegerAt("status", "currentNumberScheduled") ?? 0,
            obj.IntegerAt("status", "numberReady") ?? 0,
            obj.IntegerAt("status", "updatedNumberScheduled") ?? 0,
            obj.IntegerAt("status", "numberAvailable") ?? 0,
            NodeSelector(obj),
            TablePrinter.Age(obj, now),
            .. PodTemplates.Containers(obj),
            PodTemplates.Selector(obj),
        ]),
    };

    private static string NodeSelector(JsonObject obj) =>
        (obj.At("spec", "template", "spec") as JsonObject).GetStringMap("nodeSelector") is { Count: > 0 } labels
            ? string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"))
            : "<none>";
}
