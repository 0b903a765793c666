using System.Text.Json.Nodes;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Which part of an object an update is about.</summary>
/// <param name="IsWhole">The object itself: admission looks at it, and a changed spec counts as a generation.</param>
internal sealed record UpdateMode(
    bool IsWhole,
    Action<ResourceStrategy, JsonObject, JsonObject> Prepare,
    Action<ResourceStrategy, JsonObject, JsonObject, FieldErrors> Validate)
{
    /// <summary>The sub-resource that is written, where admission has a say in that; else "".</summary>
    public string Part { get; init; } = "";

    /// <summary>The new object says itself who owns its fields, because nothing but its maker could know.</summary>
    public bool OwnersAreKnown { get; init; }

    public static readonly UpdateMode Whole = new(true,
        (strategy, obj, old) => strategy.PrepareForUpdate(obj, old),
        (strategy, obj, old, errors) =>
        {
            strategy.Validate(obj, errors);
            strategy.ValidateUpdate(obj, old, errors);
        });

    public static readonly UpdateMode Status = new(false,
        (strategy, obj, old) => strategy.PrepareForStatusUpdate(obj, old),
        (strategy, obj, old, errors) => strategy.ValidateStatusUpdate(obj, old, errors));

    /// <summary>What a sub-resource wrote by itself (binding): taken as it is.</summary>
    public static readonly UpdateMode Trusted = new(false, (_, _, _) => { }, (_, _, _, _) => { }) { OwnersAreKnown = true };
}
