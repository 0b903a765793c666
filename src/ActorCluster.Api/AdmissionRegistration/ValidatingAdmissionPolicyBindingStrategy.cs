using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>pkg/registry/admissionregistration/validatingadmissionpolicybinding, pkg/apis/admissionregistration/validation.</summary>
internal sealed class ValidatingAdmissionPolicyBindingStrategy : ResourceStrategy
{
    private const string Exclusive = "name and selector are mutually exclusive";
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];
    private static readonly string[] NotFoundActions = ["Deny", "Allow"];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj) => ValidatingAdmissionPolicyStrategy.ApplyMatchDefaults(obj.At("spec", "matchResources") as JsonObject);

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var policy = spec.GetString("policyName") ?? "";
        if (policy.Length == 0) errors.Required("spec.policyName");
        else foreach (var fault in Names.Dns1123Subdomain(policy)) errors.Invalid("spec.policyName", policy, fault);
        if (spec.GetObject("paramRef") is { } parameters) Parameters(parameters, "spec.paramRef", errors);
        if (spec.GetObject("matchResources") is { } match) MatchRules.MatchResources(match, "spec.matchResources", errors);
        CheckActions(spec, "spec.validationActions", errors);
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

    private static void CheckActions(JsonObject spec, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var action in spec.GetStrings("validationActions"))
        {
            if (!Actions.Contains(action)) errors.NotSupported($"{path}[{index}]", action, Actions);
            if (!seen.Add(action)) errors.Duplicate($"{path}[{index}]", action);
            index++;
        }
        if (seen.Contains("Deny") && seen.Contains("Warn"))
        {
            errors.Invalid(path, spec["validationActions"],
                "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }
        if (index == 0) errors.Required(path, "at least one validation action is required");
    }
}
