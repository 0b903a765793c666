using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Devices;

/// <summary>pkg/registry/resource/deviceclass, pkg/apis/resource/validation.</summary>
internal sealed class DeviceClassStrategy : ResourceStrategy
{
    public override bool CountsGenerations => true;

    public override void Validate(JsonObject obj, FieldErrors errors) => DeviceClaims.Selectors(obj.Ensure("spec"), "spec", errors);
}

/// <summary>pkg/registry/resource/resourceclaim, pkg/apis/resource/{v1,validation}.</summary>
internal sealed class ResourceClaimStrategy : ResourceStrategy
{
    public override bool HasStatus => true;

    public override bool StatusKeepsMetadata => true;

    public override void ApplyDefaults(JsonObject obj) => DeviceClaims.ApplyDefaults(obj.GetObject("spec"));

    public override void Validate(JsonObject obj, FieldErrors errors) => DeviceClaims.Validate(obj.Ensure("spec"), "spec", errors);

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => MetadataValidation.Immutable(obj["spec"], old["spec"], "spec", errors);
}

/// <summary>pkg/registry/resource/resourceclaimtemplate, pkg/apis/resource/{v1,validation}.</summary>
internal sealed class ResourceClaimTemplateStrategy : ResourceStrategy
{
    public override void ApplyDefaults(JsonObject obj) => DeviceClaims.ApplyDefaults(obj.At("spec", "spec") as JsonObject);

    public override void Validate(JsonObject obj, FieldErrors errors) => DeviceClaims.Validate(obj.Ensure("spec").Ensure("spec"), "spec.spec", errors);

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => MetadataValidation.Immutable(obj["spec"], old["spec"], "spec", errors);
}

/// <summary>pkg/registry/resource/resourceslice, pkg/apis/resource/validation.</summary>
internal sealed class ResourceSliceStrategy : ResourceStrategy
{
    private const int MostDevices = 128;
    private const string Where = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    private static readonly string[] Placements = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"];

    public override bool CountsGenerations => true;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        Subdomain(spec.GetString("driver"), "spec.driver", errors);
        var pool = spec.GetObject("pool") ?? [];
        if (pool.GetString("name") is not { Length: > 0 } name) errors.Required("spec.pool.name");
        else foreach (var part in name.Split('/')) foreach (var fault in Names.Dns1123Subdomain(part)) errors.Invalid("spec.pool.name", name, fault);
        if (pool.GetInteger("resourceSliceCount") is null or <= 0) errors.Invalid("spec.pool.resourceSliceCount", pool.GetInteger("resourceSliceCount") ?? 0, "must be greater than zero");
        FieldRules.NonNegative(pool, "generation", "spec.pool", errors);
        if (Placements.Count(p => spec[p] is JsonObject || spec.GetString(p) is { Length: > 0 } || spec.GetBoolean(p) == true) != 1) errors.Required("spec", Where);
        Devices(spec, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var path in (ReadOnlySpan<string>)["nodeName", "driver"]) MetadataValidation.Immutable(obj.At("spec", path), old.At("spec", path), $"spec.{path}", errors);
        MetadataValidation.Immutable(obj.At("spec", "pool", "name"), old.At("spec", "pool", "name"), "spec.pool.name", errors);
    }

    private static void Devices(JsonObject spec, FieldErrors errors)
    {
        var devices = spec.GetObjects("devices").ToList();
        if (devices.Count > MostDevices) errors.TooMany("spec.devices", devices.Count, MostDevices);
        var seen = new HashSet<string>();
        for (var i = 0; i < devices.Count; i++)
        {
            var name = devices[i].GetString("name") ?? "";
            FieldRules.DnsLabel(name, $"spec.devices[{i}].name", errors);
            if (!seen.Add(name)) errors.Duplicate($"spec.devices[{i}].name", name);
        }
    }

    private static void Subdomain(string? value, string path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(value)) errors.Required(path);
        else foreach (var fault in Names.Dns1123Subdomain(value)) errors.Invalid(path, value, fault);
    }
}
