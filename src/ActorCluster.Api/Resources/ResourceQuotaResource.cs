using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>resourcequotas, v1.</summary>
internal static class ResourceQuotaResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1ResourceQuota>() with
    {
        ShortNames = ["quota"],
        Strategy = new ResourceQuotaStrategy(),
        Subresources = [SubresourceDefinition.Status("ResourceQuota")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Request", "string", "How much of what may be requested is."),
            new("Limit", "string", "How much of what may be limited to is."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) => [obj.TextAt("metadata", "name"), Used(obj, isLimit: false), Used(obj, isLimit: true), TablePrinter.Age(obj, now)]),
    };

    private static string Used(JsonObject quota, bool isLimit)
    {
        var hard = quota.At("status", "hard") as JsonObject ?? [];
        return string.Join(", ", hard.Where(limit => limit.Key.StartsWith("limits.", StringComparison.Ordinal) == isLimit).OrderBy(limit => limit.Key, StringComparer.Ordinal)
            .Select(limit => $"{limit.Key}: {quota.TextAt("status", "used", limit.Key) ?? "0"}/{JsonDocuments.Print(limit.Value)}"));
    }
}
