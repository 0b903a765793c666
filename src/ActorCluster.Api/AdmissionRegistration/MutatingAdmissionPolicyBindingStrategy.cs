using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>pkg/registry/admissionregistration/mutatingadmissionpolicybinding, pkg/apis/admissionregistration/validation.</summary>
internal sealed class MutatingAdmissionPolicyBindingStrategy : ResourceStrategy
{
    public override bool CountsGenerations => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override void ApplyDefaults(JsonObject obj) => PolicyRules.ApplyMatchDefaults(obj.At("spec", "matchResources") as JsonObject);

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        PolicyRules.Binding(spec, errors);
        MutatingAdmissionPolicyStrategy.CheckOperations(spec.GetObject("matchResources"), "spec.matchResources", errors);
    }
}
