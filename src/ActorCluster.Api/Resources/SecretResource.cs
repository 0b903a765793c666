using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>secrets, v1.</summary>
internal static class SecretResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Secret>() with
    {
        Strategy = new SecretStrategy(),
        SelectableFields = [SelectableField.At("type")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new PrinterColumn("Type", "string", "Used to facilitate programmatic handling of secret data."),
            new PrinterColumn("Data", "string", "Data contains the secret data."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) => [obj.TextAt("metadata", "name"), obj.GetString("type"), obj.GetObject("data")?.Count ?? 0, TablePrinter.Age(obj, now)]),
    };
}

/// <summary>pkg/apis/core/validation (ValidateSecret) and pkg/registry/core/secret.</summary>
internal sealed class SecretStrategy : ResourceStrategy
{
    private static readonly Dictionary<string, string[]> RequiredKeys = new()
    {
        ["kubernetes.io/dockercfg"] = [".dockercfg"],
        ["kubernetes.io/dockerconfigjson"] = [".dockerconfigjson"],
        ["kubernetes.io/ssh-auth"] = ["ssh-privatekey"],
        ["kubernetes.io/tls"] = ["tls.crt", "tls.key"],
    };

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Default("type", "Opaque");
        if (obj.GetStringMap("stringData") is { } plain)
        {
            foreach (var (key, value) in plain) obj.Ensure("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value));
        }
        obj.Remove("stringData");
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, value) in obj.GetStringMap("data") ?? [])
        {
            foreach (var fault in Names.ConfigMapKey(key)) errors.Invalid($"data[{key}]", key, fault);
            size += value.Length * 3L / 4;
        }
        if (size > ConfigMapStrategy.MaxBytes) errors.TooLong("data", ConfigMapStrategy.MaxBytes);

        var type = obj.GetString("type") ?? "";
        foreach (var key in RequiredKeys.GetValueOrDefault(type) ?? [])
        {
            if (obj.GetObject("data")?.ContainsKey(key) != true) errors.Required($"data[{key}]");
        }
        if (type == "kubernetes.io/basic-auth" && obj.GetObject("data") is var data && data?.ContainsKey("username") != true && data?.ContainsKey("password") != true)
        {
            errors.Required("data[username]");
            errors.Required("data[password]");
        }
        if (type == "kubernetes.io/service-account-token" && ObjectMetadata.Of(obj).Annotations?.ContainsKey("kubernetes.io/service-account.name") != true)
        {
            errors.Required("metadata.annotations[kubernetes.io/service-account.name]");
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        MetadataValidation.Immutable(obj["type"], old["type"], "type", errors);
        if (old.GetBoolean("immutable") != true) return;
        if (obj.GetBoolean("immutable") != true) errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        if (!obj["data"].SameAs(old["data"])) errors.Forbidden("data", "field is immutable when `immutable` is set");
    }
}
