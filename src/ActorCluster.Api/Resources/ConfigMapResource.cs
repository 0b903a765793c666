using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>configmaps, v1.</summary>
internal static class ConfigMapResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1ConfigMap>() with
    {
        ShortNames = ["cm"],
        Strategy = new ConfigMapStrategy(),
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new PrinterColumn("Data", "string", "Data contains the configuration data."), TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), (obj.GetObject("data")?.Count ?? 0) + (obj.GetObject("binaryData")?.Count ?? 0), TablePrinter.Age(obj, now)]),
    };
}

/// <summary>pkg/apis/core/validation (ValidateConfigMap).</summary>
internal sealed class ConfigMapStrategy : ResourceStrategy
{
    internal const int MaxBytes = 1024 * 1024;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, value) in obj.GetStringMap("data") ?? [])
        {
            foreach (var fault in Names.ConfigMapKey(key)) errors.Invalid($"data[{key}]", key, fault);
            if (obj.GetObject("binaryData")?.ContainsKey(key) == true) errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            size += Encoding.UTF8.GetByteCount(value);
        }
        foreach (var (key, value) in obj.GetStringMap("binaryData") ?? [])
        {
            foreach (var fault in Names.ConfigMapKey(key)) errors.Invalid($"binaryData[{key}]", key, fault);
            size += value.Length * 3L / 4;
        }
        if (size > MaxBytes) errors.TooLong("[]", MaxBytes);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (old.GetBoolean("immutable") != true) return;
        if (obj.GetBoolean("immutable") != true) errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        if (!obj["data"].SameAs(old["data"])) errors.Forbidden("data", "field is immutable when `immutable` is set");
        if (!obj["binaryData"].SameAs(old["binaryData"])) errors.Forbidden("binaryData", "field is immutable when `immutable` is set");
    }
}
