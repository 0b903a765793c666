using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>What validating and mutating policies, and the bindings of both, have in common (pkg/apis/admissionregistration/{v1,validation}); expressions are not compiled.</summary>
internal static class PolicyRules
{
    private const string Exclusive = "name and selector are mutually exclusive";
    private static readonly string[] NotFoundActions = ["Deny", "Allow"];

    /// <param name="match">Of a policy or its binding.</param>
    public static void ApplyMatchDefaults(JsonObject? match)
    {
        if (match is null) return;
        MatchRules.ApplyDefaults(match, "resourceRules");
        foreach (var rule in match.GetObjects("excludeResourceRules")) rule.Default("scope", "*");
    }

    /// <summary>What a policy is for, but for what it does then.</summary>
    public static void Policy(JsonObject spec, FieldErrors errors)
    {
        MatchRules.FailurePolicy(spec, "spec", errors);
        if (spec.GetObject("paramKind") is { } kind) ParamKind(kind, "spec.paramKind", errors);
        if (spec.GetObject("matchConstraints") is not { } match) errors.Required("spec.matchConstraints");
        else
        {
            MatchRules.MatchResources(match, "spec.matchConstraints", errors);
            if (!match.GetObjects("resourceRules").Any()) errors.Required("spec.matchConstraints.resourceRules");
        }
        MatchRules.Conditions(spec, "spec", errors);
        Variables(spec, errors);
    }

    /// <summary>Which policy a binding puts into force, with which parameters, for what.</summary>
    public static void Binding(JsonObject spec, FieldErrors errors)
    {
        var policy = spec.GetString("policyName") ?? "";
        if (policy.Length == 0) errors.Required("spec.policyName");
        else foreach (var fault in Names.Dns1123Subdomain(policy)) errors.Invalid("spec.policyName", policy, fault);
        if (spec.GetObject("paramRef") is { } parameters) Parameters(parameters, "spec.paramRef", errors);
        if (spec.GetObject("matchResources") is { } match) MatchRules.MatchResources(match, "spec.matchResources", errors);
    }

    private static void Parameters(JsonObject reference, string path, FieldErrors errors)
    {
        var name = reference.GetString("name") ?? "";
        var selector = reference.GetObject("selector");
        foreach (var fault in name.Length == 0 ? [] : Names.PathSegment(name)) errors.Invalid($"{path}.name", name, fault);
        if (selector is not null) FieldRules.LabelSelector(selector, $"{path}.selector", errors);
        if (name.Length > 0 && selector is not null)
        {
            errors.Forbidden($"{path}.name", Exclusive);
            errors.Forbidden($"{path}.selector", Exclusive);
        }
        if (name.Length == 0 && selector is null) errors.Required(path, "one of name or selector must be specified");
        if (reference.GetString("parameterNotFoundAction") is not { Length: > 0 }) errors.Required($"{path}.parameterNotFoundAction");
        else FieldRules.OneOf(reference, "parameterNotFoundAction", path, NotFoundActions, errors);
    }

    private static void ParamKind(JsonObject kind, string path, FieldErrors errors)
    {
        var version = kind.GetString("apiVersion") ?? "";
        var parts = version.Split('/');
        if (version.Length == 0) errors.Required($"{path}.apiVersion");
        else if (parts.Length > 2) errors.Invalid($"{path}.apiVersion", version, $"unexpected GroupVersion string: {version}");
        else
        {
            if (parts.Length == 2 && Names.Dns1123Subdomain(parts[0]).ToList() is { Count: > 0 } groupFaults) errors.Invalid($"{path}.apiVersion", parts[0], string.Join(",", groupFaults));
            if (parts[^1].Length == 0) errors.Invalid($"{path}.apiVersion", version, "version must be specified");
            else if (Names.Dns1035Label(parts[^1]).ToList() is { Count: > 0 } faults) errors.Invalid($"{path}.apiVersion", parts[^1], string.Join(",", faults));
        }
        var name = kind.GetString("kind") ?? "";
        if (name.Length == 0) errors.Required($"{path}.kind");
        else if (Names.Dns1035Label(name.ToLowerInvariant()).ToList() is { Count: > 0 } faults)
            errors.Invalid($"{path}.kind", name, "may have mixed case, but should otherwise match: " + string.Join(",", faults));
    }

    private static void Variables(JsonObject spec, FieldErrors errors)
    {
        var index = 0;
        foreach (var variable in spec.GetObjects("variables"))
        {
            var path = $"spec.variables[{index++}]";
            var name = variable.GetString("name") ?? "";
            if (string.IsNullOrWhiteSpace(name)) errors.Required($"{path}.name", "name is not specified");
            else if (!name.All(c => c == '_' || char.IsAsciiLetterOrDigit(c)) || char.IsAsciiDigit(name[0])) errors.Invalid($"{path}.name", name, "must be a valid CEL identifier");
            if (string.IsNullOrWhiteSpace(variable.GetString("expression"))) errors.Required($"{path}.expression", "expression is not specified");
        }
    }
}
