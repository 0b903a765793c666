using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>controllerrevisions, apps/v1: what a DaemonSet or a StatefulSet looked like, to go back to.</summary>
internal static class ControllerRevisionResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1ControllerRevision>() with
    {
        Strategy = new ControllerRevisionStrategy(),
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Controller", "string", "Controller of the object"),
            new("Revision", "string", "The revision of the state that data holds."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) => [obj.TextAt("metadata", "name"), Controller(obj), obj.GetInteger("revision") ?? 0, TablePrinter.Age(obj, now)]),
    };

    /// <summary>As kubectl names it: daemonset.apps/logger.</summary>
    private static string Controller(JsonObject obj)
    {
        var owner = ObjectMetadata.Of(obj).OwnerReferences.FirstOrDefault(reference => reference.GetBoolean("controller") == true);
        if (owner is null) return "<none>";
        var group = GroupVersion.Parse(owner.GetString("apiVersion") ?? "").Group;
        return $"{owner.GetString("kind")}{(group.Length == 0 ? "" : ".")}{group}".ToLowerInvariant() + "/" + owner.GetString("name");
    }
}

/// <summary>pkg/registry/apps/controllerrevision and pkg/apis/apps/validation (ValidateControllerRevisionCreate).</summary>
internal sealed class ControllerRevisionStrategy : ResourceStrategy
{
    public override void ApplyDefaults(JsonObject obj)
    {
        if (!obj.Has("revision")) obj["revision"] = 0;
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        if (obj.GetInteger("revision") is { } revision and < 0) errors.Invalid("revision", revision, FieldRules.NotNegative);
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        if (!obj.Has("data")) errors.Required("data", "data is mandatory");
        else if (obj["data"] is not JsonObject) errors.Required("data", "data must be a valid JSON object");
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj["data"], old["data"], "data", errors);
}
