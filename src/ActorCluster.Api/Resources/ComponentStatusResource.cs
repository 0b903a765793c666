using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>componentstatuses, v1: how the parts of the control plane are. Deprecated, read only, and never stored (pkg/registry/core/componentstatus).</summary>
public static class ComponentStatusResource
{
    public const string Healthy = "Healthy";

    public static readonly ResourceDefinition Definition = Define();

    private static ResourceDefinition Define()
    {
        var model = ModelResource.ClusterWide<V1ComponentStatus>();
        return model with
        {
            ShortNames = ["cs"],
            Versions = [.. model.Versions.Select(version => version with { DeprecationWarning = "v1 ComponentStatus is deprecated in v1.19+" })],
            Printer = new TablePrinter(
                [
                    TablePrinter.NameColumn,
                    new PrinterColumn("Status", "string", "Whether the part is healthy."),
                    new PrinterColumn("Message", "string", "What the part says of itself."),
                    new PrinterColumn("Error", "string", "What is wrong with the part."),
                ],
                (obj, _) => Cells(obj)),
            IsComputed = true,
        };
    }

    /// <summary>printComponentStatus in pkg/printers/internalversion/printers.go.</summary>
    private static JsonNode?[] Cells(JsonObject component)
    {
        var name = component.TextAt("metadata", "name");
        if (component.GetObjects("conditions").FirstOrDefault(condition => condition.GetString("type") == Healthy) is not { } health) return [name, "Unknown", "", ""];
        return [name, health.GetString("status") == "True" ? "Healthy" : "Unhealthy", health.GetString("message") ?? "", health.GetString("error") ?? ""];
    }
}
