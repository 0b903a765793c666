using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quotas;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/core/resourcequota and pkg/apis/core/validation (ValidateResourceQuota...).</summary>
internal sealed class ResourceQuotaStrategy : ResourceStrategy
{
    private const string UnknownScope = "unsupported scope";

    /// <summary>Counted in pieces.</summary>
    private static readonly string[] Pieces =
    [
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers",
    ];

    private static readonly string[] Amounts =
    [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    ];

    private static readonly string[] PodScopes = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"];

    private static readonly string[] OfPods = ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

    public override bool HasStatus => true;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        Limits(spec["hard"], "spec.hard", errors);
        var names = (spec.GetObject("hard") ?? []).Select(limit => limit.Key).Order(StringComparer.Ordinal).ToList();
        Scopes(spec, names, errors);
        if (spec.GetObject("scopeSelector") is { } selector) Selector(selector, spec, names, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (after, before) = (obj.GetObject("spec").GetStrings("scopes"), old.GetObject("spec").GetStrings("scopes"));
        if (!after.ToHashSet().SetEquals(before)) errors.Invalid("spec.scopes", obj.At("spec", "scopes"), "field is immutable");
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        Limits(obj.At("status", "hard"), "status.hard", errors);
        Limits(obj.At("status", "used"), "status.used", errors);
    }

    private static void Limits(JsonNode? limits, string path, FieldErrors errors)
    {
        foreach (var (name, amount) in ResourceAmounts.Read(limits))
        {
            var at = $"{path}[{name}]";
            foreach (var fault in Names.QualifiedName(name)) errors.Invalid(at, name, fault);
            if (!name.Contains('/', StringComparison.Ordinal) && !IsStandard(name)) errors.Invalid(at, name, "must be a standard resource for quota");
            if (amount.Sign < 0) errors.Invalid(at, amount.ToString(), FieldRules.NotNegative);
            if (Pieces.Contains(name) && amount.ToMilli() % 1000 != 0) errors.Invalid(at, amount.ToString(), "must be an integer");
        }
    }

    private static void Scopes(JsonObject spec, List<string> names, FieldErrors errors)
    {
        var scopes = spec.GetStrings("scopes").ToList();
        foreach (var scope in scopes)
        {
            if (!IsKnown(scope)) errors.Invalid("spec.scopes", spec["scopes"], UnknownScope);
            foreach (var _ in names.Where(name => IsStandard(name) && !AppliesTo(scope, name))) errors.Invalid("spec.scopes", spec["scopes"], "unsupported scope applied to resource");
        }
        Conflicts(scopes, spec, errors);
    }

    private static void Selector(JsonObject selector, JsonObject spec, List<string> names, FieldErrors errors)
    {
        const string path = "spec.scopeSelector.matchExpressions";
        var terms = selector.GetObjects("matchExpressions").ToList();
        foreach (var term in terms)
        {
            var scope = term.GetString("scopeName") ?? "";
            if (!IsKnown(scope)) errors.Invalid($"{path}.scopeName", scope, UnknownScope);
            foreach (var _ in names.Where(name => IsStandard(name) && !AppliesTo(scope, name))) errors.Invalid(path, selector, "unsupported scope applied to resource");
            Operator(term, scope, path, errors);
        }
        Conflicts([.. terms.Select(term => term.GetString("scopeName") ?? "")], spec, errors);
    }

    private static void Operator(JsonObject term, string scope, string path, FieldErrors errors)
    {
        var given = term.GetString("operator") ?? "";
        if (PodScopes.Contains(scope) && scope != "PriorityClass" && given != "Exists")
        {
            errors.Invalid($"{path}.operator", given,
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
        }
        var hasValues = term.GetArray("values") is { Count: > 0 };
        switch (given)
        {
            case "In" or "NotIn":
                if (!hasValues) errors.Required($"{path}.values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                break;
            case "Exists" or "DoesNotExist":
                if (hasValues) errors.Invalid($"{path}.values", term["values"], "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                break;
            default:
                errors.Invalid($"{path}.operator", given, "not a valid selector operator");
                break;
        }
    }

    private static void Conflicts(List<string> scopes, JsonObject spec, FieldErrors errors)
    {
        foreach (var scope in (ReadOnlySpan<string>)["BestEffort", "Terminating"])
        {
            if (scopes.Contains(scope) && scopes.Contains($"Not{scope}")) errors.Invalid("spec.scopes", spec["scopes"], "conflicting scopes");
        }
    }

    private static bool IsStandard(string name) =>
        Pieces.Contains(name) || Amounts.Contains(name) || name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);

    private static bool IsKnown(string scope) => PodScopes.Contains(scope) || scope == "VolumeAttributesClass";

    private static bool AppliesTo(string scope, string name) => scope switch
    {
        "BestEffort" => name == "pods",
        "VolumeAttributesClass" => name is "persistentvolumeclaims" or "requests.storage",
        _ => !PodScopes.Contains(scope) || OfPods.Contains(name),
    };
}
