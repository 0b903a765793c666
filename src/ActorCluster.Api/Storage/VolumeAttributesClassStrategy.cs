using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;

namespace ActorCluster.Api.Storage;

/// <summary>pkg/registry/storage/volumeattributesclass, pkg/apis/storage/validation.</summary>
internal sealed class VolumeAttributesClassStrategy : ResourceStrategy
{
    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        StorageClassStrategy.Driver(obj.GetString("driverName") ?? "", "driverName", errors);
        var parameters = obj.GetStringMap("parameters") ?? [];
        StorageClassStrategy.Parameters(parameters, errors);
        if (parameters.Count == 0) errors.Required("parameters", "must contain at least one key/value pair");
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["driverName", "parameters"])
        {
            if (!obj[field].SameAs(old[field])) errors.Forbidden(field, $"updates to {field} are forbidden.");
        }
    }
}
