using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>pkg/registry/admissionregistration/mutatingadmissionpolicy, pkg/apis/admissionregistration/{v1,validation}; expressions are not compiled.</summary>
internal sealed class MutatingAdmissionPolicyStrategy : ResourceStrategy
{
    /// <summary>A deletion has nothing left to change.</summary>
    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "UPDATE"];

    private static readonly string[] PatchTypes = ["ApplyConfiguration", "JSONPatch"];
    private static readonly string[] Reinvocations = ["IfNeeded", "Never"];

    public override bool CountsGenerations => true;

    public override bool AllowsUnconditionalUpdate => false;

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
        CheckOperations(spec.GetObject("matchConstraints"), "spec.matchConstraints", errors);
        var mutations = spec.GetObjects("mutations").ToList();
        if (mutations.Count == 0) errors.Required("spec.mutations", "mutations must contain at least one item");
        for (var i = 0; i < mutations.Count; i++) Mutation(mutations[i], $"spec.mutations[{i}]", errors);
        RequiredOneOf(spec, "reinvocationPolicy", "spec", Reinvocations, errors);
    }

    /// <param name="match">Of a policy or its binding.</param>
    internal static void CheckOperations(JsonObject? match, string path, FieldErrors errors)
    {
        foreach (var operation in match.GetObjects("resourceRules").SelectMany(rule => rule.GetStrings("operations")))
        {
            if (!Operations.Contains(operation)) errors.NotSupported($"{path}.resourceRules.operations", operation, Operations);
        }
    }

    private static void Mutation(JsonObject mutation, string path, FieldErrors errors)
    {
        switch (RequiredOneOf(mutation, "patchType", path, PatchTypes, errors))
        {
            case "JSONPatch":
                Expression(mutation, "jsonPatch", "applyConfiguration", "JSONPatch", path, errors);
                break;
            case "ApplyConfiguration":
                Expression(mutation, "applyConfiguration", "jsonPatch", "ApplyConfiguration", path, errors);
                break;
        }
    }

    private static void Expression(JsonObject mutation, string field, string other, string type, string path, FieldErrors errors)
    {
        if (mutation.GetObject(field) is not { } patch) errors.Required($"{path}.{field}", $"must be specified when patchType is {type}");
        else if (string.IsNullOrWhiteSpace(patch.GetString("expression"))) errors.Required($"{path}.{field}.expression");
        if (mutation.GetObject(other) is not null) errors.Invalid($"{path}.{other}", $"{{{other}}}", $"must not be specified when patchType is {type}");
    }

    private static string? RequiredOneOf(JsonObject parent, string field, string path, string[] values, FieldErrors errors)
    {
        var value = parent.GetString(field);
        if (string.IsNullOrEmpty(value)) errors.Required($"{path}.{field}");
        else if (!values.Contains(value)) errors.NotSupported($"{path}.{field}", value, values);
        return value;
    }
}
