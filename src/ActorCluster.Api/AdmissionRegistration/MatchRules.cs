using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>What webhooks and policies say of the requests that they are for (pkg/apis/admissionregistration/validation).</summary>
internal static class MatchRules
{
    private const string All = "*";
    private const int MostConditions = 64;
    private static readonly string[] Operations = [All, "CONNECT", "CREATE", "DELETE", "UPDATE"];
    private static readonly string[] Scopes = [All, "Cluster", "Namespaced"];
    private static readonly string[] FailurePolicies = ["Fail", "Ignore"];
    private static readonly string[] MatchPolicies = ["Equivalent", "Exact"];

    /// <summary>Defaults of what a webhook, or a policy's match resources, has.</summary>
    public static void ApplyDefaults(JsonObject match, string rules)
    {
        match.Default("matchPolicy", "Equivalent");
        match.Ensure("namespaceSelector");
        match.Ensure("objectSelector");
        foreach (var rule in match.GetObjects(rules)) rule.Default("scope", All);
    }

    public static void FailurePolicy(JsonObject parent, string path, FieldErrors errors) => OneOf(parent, "failurePolicy", path, FailurePolicies, errors);

    public static void MatchPolicy(JsonObject parent, string path, FieldErrors errors) => OneOf(parent, "matchPolicy", path, MatchPolicies, errors);

    public static void Selectors(JsonObject parent, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["namespaceSelector", "objectSelector"])
        {
            if (parent.GetObject(name) is { } selector) FieldRules.LabelSelector(selector, $"{path}.{name}", errors);
        }
    }

    /// <summary>Which operations on which resources.</summary>
    public static void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        var operations = rule.GetStrings("operations").ToList();
        NotEmpty(operations, rule, "operations", "operations", path, errors);
        for (var i = 0; i < operations.Count; i++)
        {
            if (!Operations.Contains(operations[i])) errors.NotSupported($"{path}.operations[{i}]", operations[i], Operations);
        }
        NotEmpty(rule.GetStrings("apiGroups").ToList(), rule, "apiGroups", "API groups", path, errors);
        var versions = rule.GetStrings("apiVersions").ToList();
        NotEmpty(versions, rule, "apiVersions", "API versions", path, errors);
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Length == 0) errors.Required($"{path}.apiVersions[{i}]");
        }
        Resources(rule.GetStrings("resources").ToList(), rule, $"{path}.resources", errors);
        OneOf(rule, "scope", path, Scopes, errors);
    }

    public static void Conditions(JsonObject parent, string path, FieldErrors errors)
    {
        var conditions = parent.GetObjects("matchConditions").ToList();
        if (conditions.Count > MostConditions) errors.TooMany($"{path}.matchConditions", conditions.Count, MostConditions);
        var seen = new HashSet<string>();
        for (var i = 0; i < conditions.Count; i++)
        {
            var at = $"{path}.matchConditions[{i}]";
            if (string.IsNullOrWhiteSpace(conditions[i].GetString("expression"))) errors.Required($"{at}.expression");
            var name = conditions[i].GetString("name") ?? "";
            if (name.Length == 0) errors.Required($"{at}.name");
            else
            {
                foreach (var fault in Names.QualifiedName(name)) errors.Invalid($"{at}.name", name, fault);
                if (!seen.Add(name)) errors.Duplicate($"{at}.name", name);
            }
        }
    }

    /// <summary>The match resources of a policy or of its binding.</summary>
    public static void MatchResources(JsonObject match, string path, FieldErrors errors)
    {
        MatchPolicy(match, path, errors);
        Selectors(match, path, errors);
        foreach (var list in (ReadOnlySpan<string>)["resourceRules", "excludeResourceRules"])
        {
            var index = 0;
            foreach (var rule in match.GetObjects(list)) NamedRule(rule, $"{path}.{list}[{index++}]", errors);
        }
    }

    private static void NamedRule(JsonObject rule, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var name in rule.GetStrings("resourceNames"))
        {
            var at = $"{path}.resourceNames[{index++}]";
            foreach (var fault in Names.PathSegment(name)) errors.Invalid(at, name, fault);
            if (!seen.Add(name)) errors.Duplicate(at, name);
        }
        Rule(rule, path, errors);
    }

    private static void Resources(List<string> resources, JsonObject rule, string path, FieldErrors errors)
    {
        if (resources.Count == 0) errors.Required(path);
        var allSubresourcesOf = new HashSet<string>();
        var ofAllResources = new HashSet<string>();
        for (var i = 0; i < resources.Count; i++)
        {
            if (resources[i].Length == 0) errors.Required($"{path}[{i}]");
            if (resources[i].Split('/', 2) is not [var resource, var subresource]) continue;
            if (allSubresourcesOf.Contains(resource)) errors.Invalid($"{path}[{i}]", resources[i], $"if '{resource}/*' is present, must not specify {resources[i]}");
            if (ofAllResources.Contains(subresource)) errors.Invalid($"{path}[{i}]", resources[i], $"if '*/{subresource}' is present, must not specify {resources[i]}");
            if (subresource == All) allSubresourcesOf.Add(resource);
            if (resource == All) ofAllResources.Add(subresource);
        }
        if (resources.Count > 1 && resources.Contains("*/*")) errors.Invalid(path, rule["resources"], "if '*/*' is present, must not specify other resources");
        if (resources.Contains(All) && resources.Any(r => r is not ("" or All) && !r.Contains('/', StringComparison.Ordinal)))
            errors.Invalid(path, rule["resources"], "if '*' is present, must not specify other resources without subresources");
    }

    private static void NotEmpty(List<string> values, JsonObject rule, string field, string others, string path, FieldErrors errors)
    {
        if (values.Count == 0) errors.Required($"{path}.{field}");
        if (values.Count > 1 && values.Contains(All)) errors.Invalid($"{path}.{field}", rule[field], $"if '*' is present, must not specify other {others}");
    }

    private static void OneOf(JsonObject parent, string field, string path, string[] values, FieldErrors errors)
    {
        if (parent.GetString(field) is { } value && !values.Contains(value)) errors.NotSupported($"{path}.{field}", value, values);
    }
}
