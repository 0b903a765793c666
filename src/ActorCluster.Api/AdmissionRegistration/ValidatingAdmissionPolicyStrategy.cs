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
        PolicyRules.ApplyMatchDefaults(spec.GetObject("matchConstraints"));
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        PolicyRules.Policy(spec, errors);
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
