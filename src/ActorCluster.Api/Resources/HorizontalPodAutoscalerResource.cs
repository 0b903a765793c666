using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>horizontalpodautoscalers, autoscaling/v2, and autoscaling/v1 which knows of CPU alone.</summary>
internal static class HorizontalPodAutoscalerResource
{
    private const int MetricsShown = 2;
    private const string Unknown = "<unknown>";

    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V2HorizontalPodAutoscaler>() with
    {
        ShortNames = ["hpa"],
        Categories = ["all"],
        Versions = [new ServedVersion("v2", ModelSchema.Of<V2HorizontalPodAutoscaler>()), new ServedVersion("v1", ModelSchema.Of<V1HorizontalPodAutoscaler>(), new HorizontalPodAutoscalerV1())],
        Strategy = new HorizontalPodAutoscalerStrategy(),
        Subresources = [SubresourceDefinition.Status("HorizontalPodAutoscaler")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Reference", "string", "What is scaled."),
            new("Targets", "string", "The metrics that it goes by: what they are, and what they should be."),
            new("MinPods", "string", "The fewest pods."),
            new("MaxPods", "string", "The most pods."),
            new("Replicas", "string", "How many pods there are."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            $"{obj.TextAt("spec", "scaleTargetRef", "kind")}/{obj.TextAt("spec", "scaleTargetRef", "name")}",
            Metrics(obj),
            obj.IntegerAt("spec", "minReplicas") is { } least ? least.ToString(CultureInfo.InvariantCulture) : "<unset>",
            obj.IntegerAt("spec", "maxReplicas") ?? 0,
            obj.IntegerAt("status", "currentReplicas") ?? 0,
            TablePrinter.Age(obj, now),
        ]),
    };

    private static string Metrics(JsonObject obj)
    {
        var specs = obj.GetObject("spec").GetObjects("metrics").ToList();
        if (specs.Count == 0) return "<none>";
        var statuses = obj.GetObject("status").GetObjects("currentMetrics").ToList();
        var shown = string.Join(", ", specs.Take(MetricsShown).Select((spec, index) => Metric(spec, index < statuses.Count ? statuses[index] : null)));
        return specs.Count > MetricsShown ? $"{shown} + {specs.Count - MetricsShown} more..." : shown;
    }

    /// <summary>As formatHPAMetrics in pkg/printers/internalversion/printers.go shows them.</summary>
    private static string Metric(JsonObject spec, JsonObject? status)
    {
        var type = spec.GetString("type") ?? "";
        var field = type.Length == 0 ? "" : char.ToLowerInvariant(type[0]) + type[1..];
        var (target, current) = (spec.At(field, "target") as JsonObject, status.At(field, "current") as JsonObject);
        var name = field is "resource" or "containerResource" ? $"{spec.TextAt(field, "name")}: " : "";
        if (target?.GetString("averageValue") is { } average)
            return $"{name}{current?.GetString("averageValue") ?? Unknown}/{average}{(field is "external" or "object" ? " (avg)" : "")}";
        if (name.Length == 0) return $"{current?.GetString("value") ?? Unknown}/{target?.GetString("value")}";
        var used = current?.GetInteger("averageUtilization") is { } percentage ? $"{percentage}%" : Unknown;
        return $"{name}{used}/{(target?.GetInteger("averageUtilization") is { } wanted ? $"{wanted}%" : "<auto>")}";
    }
}

/// <summary>autoscaling/v1 to v2 and back: what v1 has no field for is in annotations, so that nothing is lost (pkg/apis/autoscaling/v1/conversion.go;
/// the annotations' texts are those of v2).</summary>
internal sealed class HorizontalPodAutoscalerV1 : IVersionConverter
{
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";

    public JsonObject ToStorage(JsonObject served)
    {
        if (served.ContainsKey("apiVersion")) served["apiVersion"] = "autoscaling/v2";
        var annotations = served.Ensure("metadata").GetObject("annotations");
        if (served.GetObject("spec") is { } spec)
        {
            var metrics = Take(annotations, "metrics") as JsonArray ?? [];
            if (spec.GetInteger("targetCPUUtilizationPercentage") is { } percentage)
            {
                var target = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = percentage };
                metrics.Insert(0, new JsonObject { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = target } });
            }
            spec.Remove("targetCPUUtilizationPercentage");
            if (metrics.Count > 0) spec["metrics"] = metrics;
            if (Take(annotations, "behavior") is { } behavior) spec["behavior"] = behavior;
        }
        var (conditions, current) = (Take(annotations, "conditions"), Take(annotations, "current-metrics") as JsonArray ?? []);
        if (served.GetObject("status") is { } status)
        {
            if (status.GetInteger("currentCPUUtilizationPercentage") is { } used && !current.OfType<JsonObject>().Any(IsCpu))
                current.Insert(0, new JsonObject { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", ["current"] = new JsonObject { ["averageUtilization"] = used } } });
            status.Remove("currentCPUUtilizationPercentage");
            if (current.Count > 0) status["currentMetrics"] = current;
            if (conditions is not null) status["conditions"] = conditions;
        }
        if (annotations is { Count: 0 }) served.Ensure("metadata").Remove("annotations");
        return served;
    }

    public JsonObject FromStorage(JsonObject stored)
    {
        if (stored.ContainsKey("apiVersion")) stored["apiVersion"] = "autoscaling/v1";
        if (stored.GetObject("spec") is { } spec)
        {
            var metrics = spec.GetObjects("metrics").ToList();
            if (metrics.Find(metric => IsCpu(metric) && metric.At("resource", "target", "averageUtilization") is not null) is { } cpu)
            {
                spec["targetCPUUtilizationPercentage"] = cpu.IntegerAt("resource", "target", "averageUtilization");
                metrics.Remove(cpu);
            }
            spec.Remove("metrics");
            if (metrics.Count > 0) Put(stored, "metrics", new JsonArray([.. metrics.Select(metric => metric.DeepClone())]));
            if (spec["behavior"] is { } behavior) Put(stored, "behavior", behavior);
            spec.Remove("behavior");
        }
        if (stored.GetObject("status") is { } status)
        {
            if (status.GetObjects("currentMetrics").FirstOrDefault(IsCpu)?.IntegerAt("resource", "current", "averageUtilization") is { } used) status["currentCPUUtilizationPercentage"] = used;
            if (status.GetArray("currentMetrics") is { Count: > 0 } current) Put(stored, "current-metrics", current);
            status.Remove("currentMetrics");
            if (status.GetArray("conditions") is { Count: > 0 } conditions) Put(stored, "conditions", conditions);
            status.Remove("conditions");
        }
        return stored;
    }

    private static bool IsCpu(JsonObject metric) => metric.GetString("type") == "Resource" && metric.TextAt("resource", "name") == "cpu";

    private static JsonNode? Take(JsonObject? annotations, string name)
    {
        var text = annotations?.GetString(Prefix + name);
        annotations?.Remove(Prefix + name);
        try
        {
            return text is null ? null : DocumentDecoder.DecodeAny(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (DecodeException)
        {
            // Upstream drops what it can't read, too.
            return null;
        }
    }

    private static void Put(JsonObject obj, string name, JsonNode value) => obj.Ensure("metadata").Ensure("annotations")[Prefix + name] = value.ToJsonString(JsonDocuments.CompactJson);
}
