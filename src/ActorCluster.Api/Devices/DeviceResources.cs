using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using k8s.Models;

namespace ActorCluster.Api.Devices;

/// <summary>Devices and claims to them, resource.k8s.io/v1. Kept and checked: nodes have no devices, and nobody allocates any.</summary>
internal static class DeviceResources
{
    public static readonly ResourceDefinition DeviceClass = ModelResource.ClusterWide<V1DeviceClass>() with
    {
        Strategy = new DeviceClassStrategy(),
        Printer = TablePrinter.Of(TableCell.Age),
    };

    public static readonly ResourceDefinition ResourceClaim = ModelResource.Namespaced<Resourcev1ResourceClaim>() with
    {
        // The model has no plural.
        Name = new ResourceName("resource.k8s.io", "resourceclaims"),
        Strategy = new ResourceClaimStrategy(),
        Subresources = [SubresourceDefinition.Status("ResourceClaim")],
        Printer = TablePrinter.Of(new TableCell("State", "string", "Whether devices are allocated and reserved.", obj => State(obj)), TableCell.Age),
    };

    public static readonly ResourceDefinition ResourceClaimTemplate = ModelResource.Namespaced<V1ResourceClaimTemplate>() with
    {
        Strategy = new ResourceClaimTemplateStrategy(),
        Printer = TablePrinter.Of(TableCell.Age),
    };

    public static readonly ResourceDefinition ResourceSlice = ModelResource.ClusterWide<V1ResourceSlice>() with
    {
        Strategy = new ResourceSliceStrategy(),
        SelectableFields = [SelectableField.At("spec.nodeName"), SelectableField.At("spec.driver")],
        Printer = TablePrinter.Of(
            TableCell.Text("Node", "The node that has the devices.", "spec", "nodeName"),
            TableCell.Text("Driver", "The driver that manages them.", "spec", "driver"),
            TableCell.Text("Pool", "The pool that they are of.", "spec", "pool", "name"),
            TableCell.Age),
    };

    private static string State(JsonObject claim)
    {
        var isDeleting = ObjectMetadata.Of(claim).IsDeleting;
        var states = new List<string>();
        if (isDeleting) states.Add("deleted");
        if (claim.At("status", "allocation") is null)
        {
            if (!isDeleting) states.Add("pending");
        }
        else
        {
            states.Add("allocated");
            if (claim.GetObject("status").GetObjects("reservedFor").Any()) states.Add("reserved");
        }
        return string.Join(',', states);
    }
}
