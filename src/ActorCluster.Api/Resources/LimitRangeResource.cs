using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>limitranges, v1.</summary>
internal static class LimitRangeResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1LimitRange>() with
    {
        ShortNames = ["limits"],
        Strategy = new LimitRangeStrategy(),
    };
}

/// <summary>pkg/registry/core/limitrange, SetDefaults_LimitRangeItem in pkg/apis/core/v1/defaults.go and ValidateLimitRange in pkg/apis/core/validation.</summary>
internal sealed class LimitRangeStrategy : ResourceStrategy
{
    private static readonly string[] Types = ["Pod", "Container", "PersistentVolumeClaim"];
    private static readonly string[] Fields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    public override bool CreatesOnUpdate => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var item in obj.Ensure("spec").GetObjects("limits"))
        {
            if (item.GetString("type") != "Container") continue;
            Complete(item, "default", "max");
            Complete(item, "defaultRequest", "default");
            Complete(item, "defaultRequest", "min");
        }
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var item in obj.GetObject("spec").GetObjects("limits"))
        {
            var path = $"spec.limits[{index++}]";
            var type = item.GetString("type") ?? "";
            Type(type, $"{path}.type", errors);
            if (!seen.Add(type)) errors.Duplicate($"{path}.type", type);
            Names(item, type, path, errors);
            if (type == "PersistentVolumeClaim" && item.At("min", "storage") is null && item.At("max", "storage") is null)
            {
                errors.Required($"{path}.limits", "either minimum or maximum storage value is required, but neither was provided");
            }
            foreach (var name in Fields.SelectMany(field => item.GetObject(field)?.Select(p => p.Key) ?? []).Distinct().Order(StringComparer.Ordinal))
            {
                Amounts(item, name, path, errors);
            }
        }
    }

    /// <summary>What has no value in <paramref name="field"/> has the one in <paramref name="source"/>.</summary>
    private static void Complete(JsonObject item, string field, string source)
    {
        if (item.GetObject(source) is not { Count: > 0 } values) return;
        var target = item.Ensure(field);
        foreach (var (name, value) in values.ToList())
        {
            if (!target.ContainsKey(name)) target[name] = value?.DeepClone();
        }
    }

    private static void Type(string type, string path, FieldErrors errors)
    {
        var before = errors.Count;
        foreach (var fault in Validation.Names.QualifiedName(type)) errors.Invalid(path, type, fault);
        if (errors.Count == before && !type.Contains('/', StringComparison.Ordinal) && !Types.Contains(type))
        {
            errors.Invalid(path, type, "must be a standard limit type or fully qualified");
        }
    }

    private static void Names(JsonObject item, string type, string path, FieldErrors errors)
    {
        foreach (var field in Fields)
        {
            if (item.GetObject(field) is not { Count: > 0 } values) continue;
            if (type == "Pod" && field is "default" or "defaultRequest")
            {
                errors.Forbidden($"{path}.{field}", "may not be specified when `type` is 'Pod'");
                continue;
            }
            foreach (var (name, _) in values)
            {
                if (type is "Pod" or "Container") ResourceNameRules.OfContainer(name, $"{path}.{field}[{name}]", errors);
                else ResourceNameRules.OfAnything(name, $"{path}.{field}[{name}]", errors);
            }
        }
    }

    private static void Amounts(JsonObject item, string name, string path, FieldErrors errors)
    {
        var (min, max, limit, request, ratio) = (Of("min"), Of("max"), Of("default"), Of("defaultRequest"), Of("maxLimitRequestRatio"));
        if (min > max) errors.Invalid($"{path}.min[{name}]", min.ToString(), $"min value {min} is greater than max value {max}");
        if (min > request) errors.Invalid($"{path}.defaultRequest[{name}]", request.ToString(), $"min value {min} is greater than default request value {request}");
        if (request > max) errors.Invalid($"{path}.defaultRequest[{name}]", request.ToString(), $"default request value {request} is greater than max value {max}");
        if (request > limit) errors.Invalid($"{path}.defaultRequest[{name}]", request.ToString(), $"default request value {request} is greater than default limit value {limit}");
        if (min > limit) errors.Invalid($"{path}.default[{name}]", min.ToString(), $"min value {min} is greater than default value {limit}");
        if (limit > max) errors.Invalid($"{path}.default[{name}]", max.ToString(), $"default value {limit} is greater than max value {max}");
        if (ratio?.ToDouble() < 1) errors.Invalid($"{path}.maxLimitRequestRatio[{name}]", ratio.ToString(), $"ratio {ratio} is less than 1");
        if (ratio is { } most && min is { Sign: > 0 } least && max is { } top && most.ToDouble() > top.ToDouble() / least.ToDouble())
        {
            var possible = (top.ToDouble() / least.ToDouble()).ToString("F6", CultureInfo.InvariantCulture);
            errors.Invalid($"{path}.maxLimitRequestRatio[{name}]", most.ToString(), $"ratio {most} is greater than max/min = {possible}");
        }
        if (!ResourceNameRules.IsOvercommitAllowed(name) && limit is { } given && request is { } asked && given.CompareTo(asked) != 0)
        {
            errors.Invalid($"{path}.defaultRequest[{name}]", asked.ToString(), $"default value {given} must equal to defaultRequest value {asked} in {name}");
        }

        Quantity? Of(string field) => Quantity.TryParse(item.GetObject(field)?.GetString(name), out var quantity) ? quantity : null;
    }
}
