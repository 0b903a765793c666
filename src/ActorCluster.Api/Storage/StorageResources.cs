using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using k8s.Models;

namespace ActorCluster.Api.Storage;

/// <summary>What drivers of volumes keep in the API, storage.k8s.io/v1. Kept and checked: nodes have no drivers but their own.</summary>
internal static class StorageResources
{
    private const string Unset = "<unset>";

    public static readonly ResourceDefinition CsiDriver = ModelResource.ClusterWide<V1CSIDriver>() with
    {
        Strategy = new CsiDriverStrategy(),
        Printer = TablePrinter.Of(
            Flag("AttachRequired", "Whether volumes are attached to nodes before they are mounted.", "attachRequired", standard: true),
            Flag("PodInfoOnMount", "Whether the driver is told of the pod.", "podInfoOnMount"),
            Flag("StorageCapacity", "Whether pods are placed by the storage that is left.", "storageCapacity"),
            new TableCell("TokenRequests", "string", "The audiences of the tokens that the driver gets.",
                obj => obj.At("spec", "tokenRequests") is JsonArray ? string.Join(',', obj.GetObject("spec").GetObjects("tokenRequests").Select(t => t.GetString("audience"))) : Unset),
            Flag("RequiresRepublish", "Whether mounted volumes are brought up to date again and again.", "requiresRepublish"),
            new TableCell("Modes", "string", "How long volumes live.",
                obj => obj.GetObject("spec").GetStrings("volumeLifecycleModes").ToList() is { Count: > 0 } modes ? string.Join(',', modes) : "<none>"),
            TableCell.Age),
    };

    public static readonly ResourceDefinition CsiNode = ModelResource.ClusterWide<V1CSINode>() with
    {
        Strategy = new CsiNodeStrategy(),
        Printer = TablePrinter.Of(
            new TableCell("Drivers", "integer", "How many drivers the node has.", obj => obj.GetObject("spec").GetObjects("drivers").Count()), TableCell.Age),
    };

    public static readonly ResourceDefinition CsiStorageCapacity = ModelResource.Namespaced<V1CSIStorageCapacity>() with
    {
        Strategy = new CsiStorageCapacityStrategy(),
        Printer = TablePrinter.Of(
            TableCell.Text("StorageClassName", "The class whose volumes are meant.", "storageClassName"),
            new TableCell("Capacity", "string", "How much is left.", obj => obj.GetString("capacity") ?? Unset)),
    };

    public static readonly ResourceDefinition VolumeAttachment = ModelResource.ClusterWide<V1VolumeAttachment>() with
    {
        Strategy = new VolumeAttachmentStrategy(),
        Subresources = [SubresourceDefinition.Status("VolumeAttachment")],
        Printer = TablePrinter.Of(
            TableCell.Text("Attacher", "The driver that attaches the volume.", "spec", "attacher"),
            TableCell.Text("PV", "The volume.", "spec", "source", "persistentVolumeName"),
            TableCell.Text("Node", "The node that it is attached to.", "spec", "nodeName"),
            new TableCell("Attached", "boolean", "Whether it is.", obj => obj.GetObject("status")?.GetBoolean("attached") ?? false),
            TableCell.Age),
    };

    public static readonly ResourceDefinition VolumeAttributesClass = ModelResource.ClusterWide<V1VolumeAttributesClass>() with
    {
        ShortNames = ["vac"],
        Strategy = new VolumeAttributesClassStrategy(),
        Printer = TablePrinter.Of(TableCell.Text("DriverName", "The driver that knows the parameters.", "driverName"), TableCell.Age),
    };

    private static TableCell Flag(string name, string description, string field, bool standard = false) =>
        new(name, "boolean", description, obj => obj.GetObject("spec")?.GetBoolean(field) ?? standard);
}
