using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Validation;

/// <summary>Rules that several resources share.</summary>
internal static class FieldRules
{
    public const string NotNegative = "must be greater than or equal to 0";

    public static void NonNegative(JsonObject? parent, string name, string path, FieldErrors errors)
    {
        if (parent?.GetInteger(name) is { } value and < 0) errors.Invalid($"{path}.{name}", value, NotNegative);
    }

    public static void DnsLabel(string? value, string path, FieldErrors errors)
    {
        foreach (var fault in Names.Dns1123Label(value ?? "")) errors.Invalid(path, value, fault);
    }

    /// <summary>A value of an enumeration; absent is allowed.</summary>
    public static void OneOf(JsonObject? parent, string name, string path, IReadOnlyCollection<string> values, FieldErrors errors)
    {
        if (parent?.GetString(name) is { Length: > 0 } value && !values.Contains(value)) errors.NotSupported($"{path}.{name}", value, values);
    }

    /// <summary>A name that can stand in a URL's path.</summary>
    public static void RequiredPathSegment(JsonObject parent, string name, string path, FieldErrors errors)
    {
        var value = parent.GetString(name) ?? "";
        if (value.Length == 0) errors.Required($"{path}.{name}");
        else
        {
            foreach (var fault in Names.PathSegment(value)) errors.Invalid($"{path}.{name}", value, fault);
        }
    }

    /// <summary>An object by its group, kind and name.</summary>
    public static void TypedReference(JsonObject reference, string path, FieldErrors errors)
    {
        if (reference.GetString("apiGroup") is { } group)
        {
            foreach (var fault in Names.Dns1123Subdomain(group)) errors.Invalid($"{path}.apiGroup", group, fault);
        }
        RequiredPathSegment(reference, "kind", path, errors);
        RequiredPathSegment(reference, "name", path, errors);
    }

    /// <summary>A path after a domain, such as acme.io/foo (apimachinery/pkg/util/validation: IsDomainPrefixedPath).</summary>
    public static void DomainPrefixedPath(string value, string path, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path);
            return;
        }
        if (value.Split('/', 2) is not [{ Length: > 0 } host, { Length: > 0 } rest])
        {
            errors.Invalid(path, value, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        }
        foreach (var fault in Names.Dns1123Subdomain(host)) errors.Invalid(path, host, fault);
        foreach (var fault in Names.UrlPath(rest)) errors.Invalid(path, rest, fault);
    }

    /// <summary>A port by its number or by its name.</summary>
    public static void PortOrName(JsonNode? port, string path, FieldErrors errors)
    {
        if (JsonDocuments.AsString(port) is { } name)
        {
            foreach (var fault in Names.PortName(name)) errors.Invalid(path, name, fault);
        }
        else if (JsonDocuments.AsInteger(port) is not (>= 1 and <= 65535)) errors.Invalid(path, JsonDocuments.AsInteger(port) ?? 0, Names.Between(1, 65535));
    }

    /// <summary>A metav1.LabelSelector (apimachinery/pkg/apis/meta/v1/validation).</summary>
    public static void LabelSelector(JsonObject selector, string path, FieldErrors errors)
    {
        MetadataValidation.Labels(selector.GetStringMap("matchLabels"), $"{path}.matchLabels", errors);
        var index = 0;
        foreach (var expression in selector.GetObjects("matchExpressions"))
        {
            var at = $"{path}.matchExpressions[{index++}]";
            var values = expression.GetStrings("values").ToList();
            switch (expression.GetString("operator"))
            {
                case "In" or "NotIn":
                    if (values.Count == 0) errors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist":
                    if (values.Count > 0) errors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                default:
                    errors.Invalid($"{at}.operator", expression.GetString("operator") ?? "", "not a valid selector operator");
                    break;
            }
            var key = expression.GetString("key") ?? "";
            foreach (var fault in Names.QualifiedName(key)) errors.Invalid($"{at}.key", key, fault);
            for (var i = 0; i < values.Count; i++)
            {
                foreach (var fault in Names.LabelValue(values[i])) errors.Invalid($"{at}.values[{i}]", values[i], fault);
            }
        }
    }

    /// <summary>An absolute number or a percentage.</summary>
    public static void IntOrPercent(JsonObject parent, string name, string path, FieldErrors errors)
    {
        var node = parent[name];
        if (JsonDocuments.AsString(node) is { } text)
        {
            if (Percent(text) is null)
            {
                errors.Invalid($"{path}.{name}", text,
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
        }
        else if (JsonDocuments.AsInteger(node) is { } number and < 0) errors.Invalid($"{path}.{name}", number, NotNegative);
    }

    /// <summary>12 of "12%"; null for what is no percentage.</summary>
    public static long? Percent(string text) =>
        text.EndsWith('%') && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A count or a percentage as its number; null for what is neither.</summary>
    public static long? Amount(JsonNode? value) => JsonDocuments.AsString(value) is { } text ? Percent(text) : JsonDocuments.AsInteger(value);

    /// <summary>Counts are not bounded, percentages are.</summary>
    public static void AtMostHundredPercent(JsonObject parent, string name, string path, FieldErrors errors)
    {
        if (parent.GetString(name) is { } text && Percent(text) > 100) errors.Invalid($"{path}.{name}", text, "must not be greater than 100%");
    }

    /// <summary>The counts of pods in a workload's status: none is more than all pods, and no more are available than are ready.</summary>
    /// <param name="parts">Those of them that count some of the pods, availableReplicas and readyReplicas among them.</param>
    public static void ReplicaCounts(JsonObject status, IReadOnlyList<string> parts, string moreThanReady, FieldErrors errors)
    {
        foreach (var name in (IEnumerable<string>)["replicas", .. parts, "observedGeneration"]) NonNegative(status, name, "status", errors);
        var replicas = status.GetInteger("replicas") ?? 0;
        foreach (var name in parts)
        {
            if (status.GetInteger(name) is { } count && count > replicas) errors.Invalid($"status.{name}", count, "cannot be greater than status.replicas");
        }
        if (status.GetInteger("availableReplicas") is { } available && available > (status.GetInteger("readyReplicas") ?? 0))
        {
            errors.Invalid("status.availableReplicas", available, moreThanReady);
        }
    }

    /// <summary>status.collisionCount, which salts the names of what a workload makes, only ever grows.</summary>
    public static void CollisionCount(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        NonNegative(obj.GetObject("status"), "collisionCount", "status", errors);
        var count = obj.IntegerAt("status", "collisionCount") ?? 0;
        if (count < (old.IntegerAt("status", "collisionCount") ?? 0)) errors.Invalid("status.collisionCount", count, "cannot be decremented");
    }
}
