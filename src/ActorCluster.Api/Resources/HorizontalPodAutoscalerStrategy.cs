using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/autoscaling/horizontalpodautoscaler, pkg/apis/autoscaling/v2/defaults.go and pkg/apis/autoscaling/validation.</summary>
internal sealed class HorizontalPodAutoscalerStrategy : ResourceStrategy
{
    private const int DefaultCpuUtilization = 80;
    private const int LongestWindow = 3600;
    private const int LongestPeriod = 1800;

    private static readonly string[] MetricTypes = ["ContainerResource", "External", "Object", "Pods", "Resource"];
    private static readonly string[] SelectPolicies = ["Disabled", "Max", "Min"];
    private static readonly string[] PolicyTypes = ["Percent", "Pods"];

    public override bool HasStatus => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        if (!spec.Has("minReplicas")) spec["minReplicas"] = 1;
        if (spec.GetArray("metrics") is not { Count: > 0 })
        {
            var target = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = DefaultCpuUtilization };
            spec["metrics"] = new JsonArray(new JsonObject { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = target } });
        }
        if (spec.GetObject("behavior") is not { } behavior) return;
        var up = behavior.Ensure("scaleUp");
        if (!up.Has("stabilizationWindowSeconds")) up["stabilizationWindowSeconds"] = 0;
        up.Default("selectPolicy", "Max");
        if (!up.Has("policies")) up["policies"] = new JsonArray(Policy("Pods", 4), Policy("Percent", 100));
        var down = behavior.Ensure("scaleDown");
        down.Default("selectPolicy", "Max");
        if (!down.Has("policies")) down["policies"] = new JsonArray(Policy("Percent", 100));
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["desiredReplicas"] = 0, ["currentMetrics"] = null };

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var (least, most) = (spec.GetInteger("minReplicas") ?? 1, spec.GetInteger("maxReplicas") ?? 0);
        if (least < 1) errors.Invalid("spec.minReplicas", least, "must be greater than or equal to 1");
        if (most == 0) errors.Required("spec.maxReplicas", "must be set and greater than 0");
        else if (most < 1) errors.Invalid("spec.maxReplicas", most, "must be greater than or equal to 1");
        if (most < least) errors.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
        var target = spec.GetObject("scaleTargetRef") ?? [];
        FieldRules.RequiredPathSegment(target, "kind", "spec.scaleTargetRef", errors);
        FieldRules.RequiredPathSegment(target, "name", "spec.scaleTargetRef", errors);
        var index = 0;
        foreach (var metric in spec.GetObjects("metrics")) Metric(metric, $"spec.metrics[{index++}]", errors);
        if (spec.GetObject("behavior") is not { } behavior) return;
        foreach (var direction in (ReadOnlySpan<string>)["scaleUp", "scaleDown"])
        {
            if (behavior.GetObject(direction) is { } rules) Rules(rules, $"spec.behavior.{direction}", errors);
        }
    }

    private static JsonObject Policy(string type, int value) => new() { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15 };

    private static void Metric(JsonObject metric, string path, FieldErrors errors)
    {
        var type = metric.GetString("type") ?? "";
        if (type.Length == 0) errors.Required($"{path}.type", "must specify a metric source type");
        else if (!MetricTypes.Contains(type)) errors.NotSupported($"{path}.type", type, MetricTypes);
        else
        {
            var field = char.ToLowerInvariant(type[0]) + type[1..];
            if (metric.GetObject(field) is not { } source) errors.Required($"{path}.{field}", "must populate information for the given metric source");
            else Source(source, field, $"{path}.{field}", errors);
            foreach (var other in MetricTypes.Select(name => char.ToLowerInvariant(name[0]) + name[1..]).Where(name => name != field && metric.Has(name)))
                errors.Forbidden($"{path}.{other}", "must populate the given metric source only");
        }
    }

    private static void Source(JsonObject source, string kind, string path, FieldErrors errors)
    {
        var target = source.GetObject("target") ?? [];
        Target(target, $"{path}.target", errors);
        if (kind is "resource" or "containerResource")
        {
            if (source.GetString("name") is null or "") errors.Required($"{path}.name", "must specify a resource name");
            if (kind == "containerResource" && source.GetString("container") is null or "") errors.Required($"{path}.container", "must specify a container");
            if (!target.Has("averageUtilization") && !target.Has("averageValue")) errors.Required($"{path}.target.averageUtilization", "must set either a target raw value or a target utilization");
            if (target.Has("averageUtilization") && target.Has("averageValue")) errors.Forbidden($"{path}.target.averageValue", "may not set both a target raw value and a target utilization");
            return;
        }
        if (source.TextAt("metric", "name") is null or "") errors.Required($"{path}.metric.name", "must specify a metric name");
        if (kind == "pods")
        {
            if (!target.Has("averageValue")) errors.Required($"{path}.target.averageValue", "must specify a positive target averageValue");
            return;
        }
        if (!target.Has("value") && !target.Has("averageValue"))
            errors.Required($"{path}.target.averageValue", kind == "external" ? "must set either a target value for metric or a per-pod target" : "must set either a target value or averageValue");
        if (kind == "external" && target.Has("value") && target.Has("averageValue")) errors.Forbidden($"{path}.target.value", "may not set both a target value for metric and a per-pod target");
    }

    private static void Target(JsonObject target, string path, FieldErrors errors)
    {
        var type = target.GetString("type") ?? "";
        if (type.Length == 0) errors.Required($"{path}.type", "must specify a metric target type");
        if (type is not ("Utilization" or "Value" or "AverageValue")) errors.Invalid($"{path}.type", type, "must be either Utilization, Value, or AverageValue");
        foreach (var field in (ReadOnlySpan<string>)["value", "averageValue"])
        {
            if (Quantity.TryParse(target[field] is { } node ? JsonDocuments.Print(node) : null, out var amount) && amount.Sign != 1) errors.Invalid($"{path}.{field}", amount.ToString(), "must be positive");
        }
        if (target.GetInteger("averageUtilization") is { } percentage and < 1) errors.Invalid($"{path}.averageUtilization", percentage, "must be greater than 0");
    }

    private static void Rules(JsonObject rules, string path, FieldErrors errors)
    {
        if (rules.GetInteger("stabilizationWindowSeconds") is { } window)
        {
            if (window < 0) errors.Invalid($"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero");
            if (window > LongestWindow) errors.Invalid($"{path}.stabilizationWindowSeconds", window, $"must be less than or equal to {LongestWindow}");
        }
        if (rules.GetString("selectPolicy") is { } select && !SelectPolicies.Contains(select)) errors.NotSupported($"{path}.selectPolicy", select, SelectPolicies);
        if (rules.GetArray("policies") is not { Count: > 0 }) errors.Required($"{path}.policies", "must specify at least one Policy");
        var index = 0;
        foreach (var policy in rules.GetObjects("policies"))
        {
            var at = $"{path}.policies[{index++}]";
            var (type, value, period) = (policy.GetString("type") ?? "", policy.GetInteger("value") ?? 0, policy.GetInteger("periodSeconds") ?? 0);
            if (!PolicyTypes.Contains(type)) errors.NotSupported($"{at}.type", type, PolicyTypes);
            if (value <= 0) errors.Invalid($"{at}.value", value, "must be greater than zero");
            if (period <= 0) errors.Invalid($"{at}.periodSeconds", period, "must be greater than zero");
            if (period > LongestPeriod) errors.Invalid($"{at}.periodSeconds", period, $"must be less than or equal to {LongestPeriod}");
        }
    }
}
