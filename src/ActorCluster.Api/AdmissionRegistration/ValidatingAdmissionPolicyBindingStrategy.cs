using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>pkg/registry/admissionregistration/validatingadmissionpolicybinding, pkg/apis/admissionregistration/validation.</summary>
internal sealed class ValidatingAdmissionPolicyBindingStrategy : ResourceStrategy
{
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj) => PolicyRules.ApplyMatchDefaults(obj.At("spec", "matchResources") as JsonObject);

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        PolicyRules.Binding(spec, errors);
        CheckActions(spec, "spec.validationActions", errors);
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
