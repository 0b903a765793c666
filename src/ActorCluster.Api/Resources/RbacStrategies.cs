using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/rbac/{role,clusterrole} and pkg/apis/rbac/validation. Names may have colons ("system:node").</summary>
internal sealed class RoleStrategy(bool isNamespaced) : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override IEnumerable<string> NameFaults(string name) => Names.PathSegment(name);

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var index = 0;
        foreach (var rule in obj.GetObjects("rules")) Rule(rule, $"rules[{index++}]", errors);
        if (obj.GetObject("aggregationRule") is not { } aggregation) return;
        index = 0;
        foreach (var selector in aggregation.GetObjects("clusterRoleSelectors"))
            FieldRules.LabelSelector(selector, $"aggregationRule.clusterRoleSelectors[{index++}]", errors);
        if (index == 0) errors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
    }

    private void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        if (!rule.GetStrings("verbs").Any()) errors.Required($"{path}.verbs", "verbs must contain at least one value");
        var (hasGroups, hasResources) = (rule.GetStrings("apiGroups").Any(), rule.GetStrings("resources").Any());
        if (rule.GetStrings("nonResourceURLs").Any())
        {
            if (isNamespaced) errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs");
            if (hasGroups || hasResources || rule.GetStrings("resourceNames").Any())
                errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs");
            return;
        }

        if (!hasGroups) errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
        if (!hasResources) errors.Required($"{path}.resources", "resource rules must supply at least one resource");
    }
}

/// <summary>pkg/registry/rbac/{rolebinding,clusterrolebinding}, pkg/apis/rbac/{v1,validation}.</summary>
internal sealed class RoleBindingStrategy(bool isNamespaced) : ResourceStrategy
{
    private const string ServiceAccount = "ServiceAccount";
    private static readonly string[] SubjectKinds = [ServiceAccount, "User", "Group"];

    private readonly string[] _roleKinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];

    public override bool CreatesOnUpdate => true;

    public override IEnumerable<string> NameFaults(string name) => Names.PathSegment(name);

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.GetObject("roleRef") is { } role && role.GetString("apiGroup") is not { Length: > 0 }) role["apiGroup"] = RbacResources.Group;
        foreach (var subject in obj.GetObjects("subjects"))
            if (subject.GetString("kind") is "User" or "Group" && subject.GetString("apiGroup") is not { Length: > 0 }) subject["apiGroup"] = RbacResources.Group;
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        Role(obj.GetObject("roleRef") ?? [], errors);
        var index = 0;
        foreach (var subject in obj.GetObjects("subjects")) Subject(subject, $"subjects[{index++}]", errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj["roleRef"], old["roleRef"])) errors.Invalid("roleRef", obj["roleRef"], "cannot change roleRef");
    }

    private void Role(JsonObject role, FieldErrors errors)
    {
        var (group, kind, name) = (role.GetString("apiGroup") ?? "", role.GetString("kind") ?? "", role.GetString("name") ?? "");
        if (group != RbacResources.Group) errors.NotSupported("roleRef.apiGroup", group, RbacResources.Group);
        if (!_roleKinds.Contains(kind)) errors.NotSupported("roleRef.kind", kind, _roleKinds);
        if (name.Length == 0) errors.Required("roleRef.name");
        else foreach (var fault in Names.PathSegment(name)) errors.Invalid("roleRef.name", name, fault);
    }

    private void Subject(JsonObject subject, string path, FieldErrors errors)
    {
        var (group, kind, name) = (subject.GetString("apiGroup") ?? "", subject.GetString("kind") ?? "", subject.GetString("name") ?? "");
        if (name.Length == 0) errors.Required($"{path}.name");
        switch (kind)
        {
            case ServiceAccount:
                if (name.Length > 0) foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid($"{path}.name", name, fault);
                if (group.Length > 0) errors.NotSupported($"{path}.apiGroup", group, "");
                if (!isNamespaced && subject.GetString("namespace") is not { Length: > 0 }) errors.Required($"{path}.namespace");
                break;

            case "User" or "Group":
                if (group != RbacResources.Group) errors.NotSupported($"{path}.apiGroup", group, RbacResources.Group);
                break;

            default:
                errors.NotSupported($"{path}.kind", kind, SubjectKinds);
                break;
        }
    }
}
