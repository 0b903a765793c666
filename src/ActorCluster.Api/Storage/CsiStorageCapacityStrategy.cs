using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Storage;

/// <summary>pkg/registry/storage/csistoragecapacity, pkg/apis/storage/validation.</summary>
internal sealed class CsiStorageCapacityStrategy : ResourceStrategy
{
    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        if (obj.GetObject("nodeTopology") is { } topology) FieldRules.LabelSelector(topology, "nodeTopology", errors);
        var name = obj.GetString("storageClassName") ?? "";
        foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid("storageClassName", name, fault);
        if (obj.GetString("capacity") is { } capacity && Quantity.TryParse(capacity, out var amount) && amount.Sign < 0) errors.Invalid("capacity", capacity, FieldRules.NotNegative);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["nodeTopology", "storageClassName"]) MetadataValidation.Immutable(obj[field], old[field], field, errors);
    }
}
