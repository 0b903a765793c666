using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>pkg/registry/admissionregistration/validatingadmissionpolicy, pkg/apis/admissionregistration/{v1,validation}; expressions are not compiled.</summary>
internal sealed class ValidatingAdmissionPolicyStrategy : ResourceStrategy
{
    private const int MostAnnotations = 20;
    private const string Either = "validations or auditAnnotations must contain at least one item";
    private static readonly string[] Reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

    public override bool HasStatus => true;

    public override bool StatusKeepsMetadata => true;

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("failurePolicy", "Fail");
        ApplyMatchDefaults(spec.GetObject("matchConstraints"));
    }

    /// <param name="match">Of a policy or its binding.</param>
    internal static void ApplyMatchDefaults(JsonObject? match)
    {
        if (match is null) return;
        MatchRules.ApplyDefaults(match, "resourceRules");
        foreach (var rule in match.GetObjects("excludeResourceRules")) rule.Default("scope", "*");
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
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
        var validations = spec.GetObjects("validations").ToList();
        var annotations = spec.GetObjects("auditAnnotations").ToList();
        if (validations.Count + annotations.Count == 0)
        {
            errors.Required("spec.validations", Either);
            errors.Required("spec.auditAnnotations", Either);
            return;
        }
        for (var i = 0; i < validations.Count; i++) Rule(validations[i], $"spec.validations[{i}]", errors);
        Annotations(annotations, spec, errors);
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

    private static void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        var expression = (rule.GetString("expression") ?? "").Trim();
        if (expression.Length == 0) errors.Required($"{path}.expression", "expression is not specified");
        if (rule.GetString("messageExpression") is { Length: > 0 } of && string.IsNullOrWhiteSpace(of)) errors.Invalid($"{path}.messageExpression", of, "must be non-empty if specified");
        var message = rule.GetString("message") ?? "";
        var trimmed = message.Trim();
        if (message.Length > 0 && trimmed.Length == 0) errors.Invalid($"{path}.message", message, "must be non-empty if specified");
        else if (HasLineBreaks(trimmed)) errors.Invalid($"{path}.message", message, "must not contain line breaks");
        else if (HasLineBreaks(expression) && trimmed.Length == 0) errors.Required($"{path}.message", "message must be specified if expression contains line breaks");
        FieldRules.OneOf(rule, "reason", path, Reasons, errors);
    }

    private static void Annotations(List<JsonObject> annotations, JsonObject spec, FieldErrors errors)
    {
        if (annotations.Count > MostAnnotations) errors.Invalid("spec.auditAnnotations", spec["auditAnnotations"], $"must not have more than {MostAnnotations} auditAnnotations");
        var seen = new HashSet<string>();
        for (var i = 0; i < annotations.Count; i++)
        {
            var path = $"spec.auditAnnotations[{i}]";
            var key = annotations[i].GetString("key") ?? "";
            foreach (var fault in Names.QualifiedName(key)) errors.Invalid($"{path}.key", key, fault);
            if (string.IsNullOrWhiteSpace(annotations[i].GetString("valueExpression"))) errors.Required($"{path}.valueExpression", "valueExpression is not specified");
            if (!seen.Add(key)) errors.Duplicate($"{path}.key", key);
        }
    }

    private static bool HasLineBreaks(string text) => text.AsSpan().IndexOfAny('\r', '\n') >= 0;
}
