using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>pods, v1.</summary>
internal static class PodResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Pod>() with
    {
        ShortNames = ["po"],
        Categories = ["all"],
        Strategy = new PodStrategy(),
        Subresources =
        [
            new SubresourceDefinition("attach", "PodAttachOptions", Verbs: ["create", "get"]),
            new SubresourceDefinition("binding", "Binding", Verbs: ["create"]),
            new SubresourceDefinition(PodParts.EphemeralContainers, "Pod", Verbs: ["get", "patch", "update"]),
            new SubresourceDefinition("eviction", "Eviction", "policy", "v1", "create"),
            new SubresourceDefinition("exec", "PodExecOptions", Verbs: ["create", "get"]),
            new SubresourceDefinition("log", "Pod", Verbs: ["get"]),
            new SubresourceDefinition("portforward", "PodPortForwardOptions", Verbs: ["create", "get"]),
            SubresourceDefinition.Proxy("PodProxyOptions"),
            new SubresourceDefinition(PodParts.Resize, "Pod", Verbs: ["get", "patch", "update"]),
            SubresourceDefinition.Status("Pod"),
        ],
        SelectableFields =
        [
            SelectableField.At("spec.nodeName"),
            SelectableField.At("spec.restartPolicy"),
            SelectableField.At("spec.schedulerName"),
            SelectableField.At("spec.serviceAccountName"),
            new SelectableField("spec.hostNetwork", pod => pod.At("spec", "hostNetwork") is { } flag ? flag.ToJsonString() : "false"),
            SelectableField.At("status.phase"),
            new SelectableField("status.podIP", pod => pod.TextAt("status", "podIP")),
            SelectableField.At("status.nominatedNodeName"),
        ],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Ready", "string", "The aggregate readiness state of this pod for accepting traffic."),
            new("Status", "string", "The aggregate status of the containers in this pod."),
            new("Restarts", "string", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
            TablePrinter.AgeColumn,
            new("IP", "string", "IP address allocated to the pod.", 1),
            new("Node", "string", "The node on which this pod is scheduled.", 1),
            new("Nominated Node", "string", "The node on which this pod will be scheduled once lower priority pods have gone.", 1),
            new("Readiness Gates", "string", "The conditions that must be true besides the containers' readiness.", 1),
        ], PodPrinter.Cells),
    };
}
