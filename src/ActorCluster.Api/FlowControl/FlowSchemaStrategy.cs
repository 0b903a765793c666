using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.FlowControl;

/// <summary>pkg/registry/flowcontrol/flowschema, pkg/apis/flowcontrol/{v1,validation}.</summary>
internal sealed class FlowSchemaStrategy : ResourceStrategy
{
    private const int StandardPrecedence = 1_000;
    private const int HighestPrecedence = 10_000;
    private const string All = "*";
    private static readonly string[] Methods = ["ByNamespace", "ByUser"];
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
    private static readonly string[] SubjectKinds = ["Group", "ServiceAccount", "User"];
    private static readonly Dictionary<string, string> SubjectFields = new() { ["Group"] = "group", ["ServiceAccount"] = "serviceAccount", ["User"] = "user" };

    public override bool HasStatus => true;

    public override bool StatusKeepsMetadata => true;

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        if (spec.GetInteger("matchingPrecedence") is null or 0) spec["matchingPrecedence"] = StandardPrecedence;
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var name = ObjectMetadata.Of(obj).Name;
        var spec = obj.Ensure("spec");
        var precedence = spec.GetInteger("matchingPrecedence") ?? 0;
        if (precedence <= 0) errors.Invalid("spec.matchingPrecedence", precedence, "must be a positive value");
        if (precedence > HighestPrecedence) errors.Invalid("spec.matchingPrecedence", precedence, $"must not be greater than {HighestPrecedence}");
        if (precedence == 1 && name != FlowControlObjects.Exempt) errors.Invalid("spec.matchingPrecedence", precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
        if (spec.GetObject("distinguisherMethod") is { } method && !Methods.Contains(method.GetString("type"))) errors.NotSupported("spec.distinguisherMethod.type", method, Methods);
        var level = spec.TextAt("priorityLevelConfiguration", "name") ?? "";
        if (level.Length == 0) errors.Required("spec.priorityLevelConfiguration.name", "must reference a priority level");
        else foreach (var fault in Names.Dns1123Subdomain(level)) errors.Invalid("spec.priorityLevelConfiguration.name", level, fault);
        var index = 0;
        foreach (var rule in spec.GetObjects("rules")) Rule(rule, $"spec.rules[{index++}]", errors);
        if (FlowControlObjects.IsMandatory(name) && FlowControlObjects.FlowSchemas.First(s => ObjectMetadata.Of(s).Name == name)["spec"] is { } wanted && !spec.SameAs(wanted))
            errors.Invalid("spec", spec, $"spec of '{name}' must equal the fixed value");
        FlowControlStatus.Validate(obj, errors);
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => FlowControlStatus.Validate(obj, errors);

    private static void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var subject in rule.GetObjects("subjects")) Subject(subject, $"{path}.subjects[{index++}]", errors);
        if (index == 0) errors.Required($"{path}.subjects", "subjects must contain at least one value");
        if (!rule.GetObjects("resourceRules").Any() && !rule.GetObjects("nonResourceRules").Any())
            errors.Required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
        index = 0;
        foreach (var resources in rule.GetObjects("resourceRules")) ResourceRule(resources, $"{path}.resourceRules[{index++}]", errors);
        index = 0;
        foreach (var paths in rule.GetObjects("nonResourceRules")) PathRule(paths, $"{path}.nonResourceRules[{index++}]", errors);
    }

    private static void Subject(JsonObject subject, string path, FieldErrors errors)
    {
        var kind = subject.GetString("kind") ?? "";
        if (!SubjectFields.TryGetValue(kind, out var field))
        {
            errors.NotSupported($"{path}.kind", kind, SubjectKinds);
            return;
        }
        if (subject.GetObject(field) is not { } named) errors.Required($"{path}.{field}", $"{field} is required when subject kind is '{kind}'");
        else Named(named, kind, $"{path}.{field}", errors);
        foreach (var (other, forbidden) in SubjectFields.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            if (other != kind && subject.Has(forbidden)) errors.Forbidden($"{path}.{forbidden}", $"{forbidden} is forbidden when subject kind is not '{other}'");
        }
    }

    private static void Named(JsonObject named, string kind, string path, FieldErrors errors)
    {
        var name = named.GetString("name") ?? "";
        if (name.Length == 0) errors.Required($"{path}.name");
        if (kind != "ServiceAccount") return;
        if (name is not ("" or All)) foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid($"{path}.name", name, fault);
        if (named.GetString("namespace") is { Length: > 0 } ns) FieldRules.DnsLabel(ns, $"{path}.namespace", errors);
        else errors.Required($"{path}.namespace", "must specify namespace for service account");
    }

    private static void ResourceRule(JsonObject rule, string path, FieldErrors errors)
    {
        CheckVerbs(rule, path, errors);
        OneOrAll(rule, "apiGroups", path, "resource rules must supply at least one api group", "api groups", errors);
        OneOrAll(rule, "resources", path, "resource rules must supply at least one resource", "resources", errors);
        var namespaces = rule.GetStrings("namespaces").ToList();
        if (namespaces.Count == 0 && rule.GetBoolean("clusterScope") != true)
        {
            errors.Required($"{path}.namespaces", "resource rules that are not cluster scoped must supply at least one namespace");
        }
        else if (namespaces.Contains(All))
        {
            if (namespaces.Count > 1) errors.Invalid($"{path}.namespaces", rule["namespaces"], "if '*' is present, must not specify other namespaces");
        }
        else
        {
            for (var i = 0; i < namespaces.Count; i++)
                foreach (var fault in Names.Dns1123Label(namespaces[i])) errors.Invalid($"{path}.namespaces[{i}]", namespaces[i], "each member of this list must be '*' or a DNS-1123 label; " + fault);
        }
    }

    private static void PathRule(JsonObject rule, string path, FieldErrors errors)
    {
        CheckVerbs(rule, path, errors);
        if (!OneOrAll(rule, "nonResourceURLs", path, "nonResourceURLs must contain at least one value", "non-resource URLs", errors)) return;
        var index = 0;
        foreach (var url in rule.GetStrings("nonResourceURLs"))
        {
            var at = $"{path}.nonResourceURLs[{index++}]";
            if (UrlFault(url) is { } fault) errors.Invalid(at, url, fault);
        }
    }

    private static void CheckVerbs(JsonObject rule, string path, FieldErrors errors)
    {
        if (OneOrAll(rule, "verbs", path, "verbs must contain at least one value", "verbs", errors) && rule.GetStrings("verbs").Except(Verbs).Any())
            errors.NotSupported($"{path}.verbs", rule["verbs"], Verbs);
    }

    /// <returns>Whether it names something that can be looked at further.</returns>
    private static bool OneOrAll(JsonObject rule, string field, string path, string whenEmpty, string others, FieldErrors errors)
    {
        var values = rule.GetStrings(field).ToList();
        if (values.Count == 0) errors.Required($"{path}.{field}", whenEmpty);
        else if (values.Count > 1 && values.Contains(All)) errors.Invalid($"{path}.{field}", rule[field], $"if '*' is present, must not specify other {others}");
        return values.Count > 0 && !values.Contains(All);
    }

    private static string? UrlFault(string url) => url switch
    {
        "" => "must not be empty",
        "/" => null,
        _ when url[0] != '/' => "must start with slash",
        _ when url.Contains(' ', StringComparison.Ordinal) => "must not contain white-space",
        _ when url.Contains("//", StringComparison.Ordinal) => "must not contain double slash",
        _ when url.Count(c => c == '*') is > 0 and var stars && (stars > 1 || !url.EndsWith("/*", StringComparison.Ordinal)) => "wildcard can only do suffix matching",
        _ => null,
    };
}

/// <summary>The conditions that both kinds have.</summary>
internal static class FlowControlStatus
{
    public static void Validate(JsonObject obj, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var condition in obj.GetObject("status").GetObjects("conditions"))
        {
            var path = $"status.conditions[{index++}].type";
            var type = condition.GetString("type") ?? "";
            if (!seen.Add(type)) errors.Duplicate(path, type);
            if (type.Length == 0) errors.Required(path);
        }
    }
}
