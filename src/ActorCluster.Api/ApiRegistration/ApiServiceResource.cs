using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using k8s.Models;

namespace ActorCluster.Api.ApiRegistration;

/// <summary>APIService, apiregistration.k8s.io/v1: which group versions there are. Those of other servers are kept and checked; nobody asks those servers.</summary>
internal static class ApiServiceResource
{
    public const string Available = "Available";

    public static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1APIService>() with
    {
        Categories = ["api-extensions"],
        Strategy = new ApiServiceStrategy(),
        Subresources = [SubresourceDefinition.Status("APIService")],
        Printer = TablePrinter.Of(
            new TableCell("Service", "string", "The service behind which the server of the group is.", Service),
            new TableCell("Available", "string", "Whether the group is served.", Availability),
            TableCell.Age),
    };

    private static JsonNode Service(JsonObject obj) =>
        obj.At("spec", "service") is JsonObject service ? $"{service.GetString("namespace")}/{service.GetString("name")}" : "Local";

    private static JsonNode Availability(JsonObject obj)
    {
        if (obj.GetObject("status").GetObjects("conditions").FirstOrDefault(c => c.GetString("type") == Available) is not { } condition) return "Unknown";
        var status = condition.GetString("status") ?? "";
        return status != "True" && condition.GetString("reason") is { Length: > 0 } reason ? $"{status} ({reason})" : status;
    }
}
