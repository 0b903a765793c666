using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>priorityclasses, scheduling.k8s.io/v1.</summary>
public static class PriorityClassResource
{
    /// <summary>Names that begin so are the system's.</summary>
    internal const string SystemPrefix = "system-";

    /// <summary>What a pod prefers to do to others when nobody says otherwise.</summary>
    public const string Preempt = "PreemptLowerPriority";

    /// <summary>The highest value that users may give (pkg/apis/scheduling/types.go).</summary>
    internal const long HighestUserValue = 1_000_000_000;

    internal static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1PriorityClass>() with
    {
        ShortNames = ["pc"],
        Strategy = new PriorityClassStrategy(),
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Value", "integer", "The priority that pods of this class get."),
            new("Global-Default", "boolean", "Whether pods without a class get this one."),
            TablePrinter.AgeColumn,
            new("PreemptionPolicy", "string", "Whether pods of this class may preempt pods of lower priority."),
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            obj.GetInteger("value") ?? 0,
            obj.GetBoolean("globalDefault") ?? false,
            TablePrinter.Age(obj, now),
            obj.GetString("preemptionPolicy") ?? "",
        ]),
    };

    /// <summary>The classes that are there from the start (pkg/apis/scheduling/v1/helpers.go).</summary>
    public static IReadOnlyList<(string Name, long Value, string Description)> System { get; } =
    [
        ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."),
        ("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
    ];
}

/// <summary>pkg/registry/scheduling/priorityclass and pkg/apis/scheduling/validation.</summary>
internal sealed class PriorityClassStrategy : ResourceStrategy
{
    private static readonly string[] Policies = ["Never", PriorityClassResource.Preempt];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        if (!obj.Has("value")) obj["value"] = 0;
        if (!obj.Has("preemptionPolicy")) obj["preemptionPolicy"] = PriorityClassResource.Preempt;
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        var name = obj.TextAt("metadata", "name") ?? "";
        var value = obj.GetInteger("value") ?? 0;
        if (name.StartsWith(PriorityClassResource.SystemPrefix, StringComparison.Ordinal))
        {
            if (SystemFault(name, value, obj.GetBoolean("globalDefault") ?? false) is { } fault)
            {
                errors.Forbidden("metadata.name", $"priority class names with '{PriorityClassResource.SystemPrefix}' prefix are reserved for system use only. error: {fault}");
            }
        }
        else if (value > PriorityClassResource.HighestUserValue)
        {
            errors.Forbidden("value", $"maximum allowed value of a user defined priority is {PriorityClassResource.HighestUserValue}");
        }
        if (obj.GetString("preemptionPolicy") is { } policy && !Policies.Contains(policy)) errors.NotSupported("preemptionPolicy", policy, Policies);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (obj.GetInteger("value") != old.GetInteger("value")) errors.Forbidden("value", "may not be changed in an update.");
        MetadataValidation.Immutable(obj["preemptionPolicy"], old["preemptionPolicy"], "preemptionPolicy", errors);
    }

    public override string? RefuseDeletion(JsonObject obj) =>
        PriorityClassResource.System.Any(known => known.Name == obj.TextAt("metadata", "name")) ? "this is a system priority class and cannot be deleted" : null;

    private static string? SystemFault(string name, long value, bool isDefault)
    {
        var known = PriorityClassResource.System.FirstOrDefault(c => c.Name == name);
        if (known.Name is null) return $"{name} is not a known system priority class";
        if (known.Value != value) return $"value of {name} PriorityClass must be {known.Value}";
        return isDefault ? $"globalDefault of {name} PriorityClass must be false" : null;
    }
}
