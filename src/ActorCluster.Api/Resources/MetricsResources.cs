using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>pods and nodes of metrics.k8s.io/v1beta1, which metrics-server serves elsewhere: what they use now. Nothing is stored.</summary>
public static class MetricsResources
{
    public const string Group = "metrics.k8s.io";

    public static readonly ResourceDefinition Pods = Define("pods", "PodMetrics", ResourceScope.Namespaced, ModelSchema.Of<PodMetrics>());

    public static readonly ResourceDefinition Nodes = Define("nodes", "NodeMetrics", ResourceScope.Cluster, ModelSchema.Of<NodeMetrics>());

    private static ResourceDefinition Define(string plural, string kind, ResourceScope scope, TypeSchema schema) => new()
    {
        Name = new ResourceName(Group, plural),
        Kind = kind,
        Singular = kind.ToLowerInvariant(),
        Scope = scope,
        Versions = [new ServedVersion("v1beta1", schema)],
        Strategy = new ResourceStrategy(),
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new("cpu", "string", "CPU that is used."), new("memory", "string", "Memory that is used."), new("Window", "string", "How long was measured.")],
            (obj, _) => [obj.TextAt("metadata", "name"), Sum(obj, "cpu"), Sum(obj, "memory"), obj.GetString("window")]),
        IsComputed = true,
    };

    private static string Sum(JsonObject metrics, string resource)
    {
        if (metrics.TextAt("usage", resource) is { } whole) return whole;
        var parts = metrics.GetObjects("containers").Select(container => Quantity.TryParse(container.TextAt("usage", resource), out var part) ? part : Quantity.Zero);
        return parts.Aggregate(Quantity.Zero, (sum, part) => sum + part).ToString();
    }
}
