using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>poddisruptionbudgets, policy/v1.</summary>
internal static class PodDisruptionBudgetResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1PodDisruptionBudget>() with
    {
        ShortNames = ["pdb"],
        Strategy = new PodDisruptionBudgetStrategy(),
        Subresources = [SubresourceDefinition.Status("PodDisruptionBudget")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Min Available", "string", "The minimum number of pods that must be available."),
            new("Max Unavailable", "string", "The maximum number of pods that may be unavailable."),
            new("Allowed Disruptions", "integer", "Calculated number of pods that may be disrupted at this time."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            Amount(obj, "minAvailable"),
            Amount(obj, "maxUnavailable"),
            obj.IntegerAt("status", "disruptionsAllowed") ?? 0,
            TablePrinter.Age(obj, now),
        ]),
    };

    private static string Amount(JsonObject obj, string name) => obj.At("spec", name) is { } value ? JsonDocuments.Print(value) : "N/A";
}

/// <summary>pkg/registry/policy/poddisruptionbudget and pkg/apis/policy/validation.</summary>
internal sealed class PodDisruptionBudgetStrategy : ResourceStrategy
{
    private static readonly string[] EvictionPolicies = ["AlwaysAllow", "IfHealthyBudget"];
    private static readonly string[] Counts = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"];

    public override bool HasStatus => true;
    public override bool CountsGenerations => true;
    public override bool AllowsUnconditionalUpdate => false;

    public override void ApplyDefaults(JsonObject obj) => obj.Ensure("spec");

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = NoStatus();

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        if (spec.Has("minAvailable") && spec.Has("maxUnavailable")) errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        foreach (var field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            FieldRules.IntOrPercent(spec, field, "spec", errors);
            FieldRules.AtMostHundredPercent(spec, field, "spec", errors);
        }
        if (spec.GetObject("selector") is { } selector) FieldRules.LabelSelector(selector, "spec.selector", errors);
        if (spec.GetString("unhealthyPodEvictionPolicy") is { } policy && !EvictionPolicies.Contains(policy))
        {
            errors.NotSupported("spec.unhealthyPodEvictionPolicy", policy, EvictionPolicies);
        }
    }

    public override void PrepareForStatusUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForStatusUpdate(obj, old);
        // Numbers that a client leaves out are zeros.
        var status = obj.Ensure("status");
        foreach (var (name, zero) in NoStatus())
        {
            if (!status.Has(name)) status[name] = zero!.DeepClone();
        }
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var field in Counts) FieldRules.NonNegative(obj.GetObject("status"), field, "status", errors);
    }

    private static JsonObject NoStatus() => new([.. Counts.Select(name => KeyValuePair.Create(name, (JsonNode?)0))]);
}
