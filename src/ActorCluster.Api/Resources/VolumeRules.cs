using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>What persistent volumes and claims to them have in common.</summary>
internal static class VolumeRules
{
    private const string Once = "ReadWriteOncePod";

    /// <summary>In the order in which kubectl shows them.</summary>
    private static readonly (string Mode, string Short)[] Modes =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), (Once, "RWOP")];

    private static readonly string[] VolumeModes = ["Block", "Filesystem"];

    /// <param name="whenMissing">What the complaint about no mode at all says.</param>
    public static void AccessModes(JsonObject spec, string whenMissing, FieldErrors errors)
    {
        var modes = spec.GetStrings("accessModes").ToList();
        if (modes.Count == 0) errors.Required("spec.accessModes", whenMissing);
        foreach (var mode in modes)
        {
            if (!Array.Exists(Modes, known => known.Mode == mode)) errors.NotSupported("spec.accessModes", mode, Modes.Select(known => known.Mode).Order(StringComparer.Ordinal));
        }
        if (modes.Contains(Once) && modes.Exists(mode => mode != Once)) errors.Forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
    }

    public static void VolumeMode(JsonObject spec, FieldErrors errors) => FieldRules.OneOf(spec, "volumeMode", "spec", VolumeModes, errors);

    public static void ClassName(JsonObject spec, string field, FieldErrors errors)
    {
        if (spec.GetString(field) is not { Length: > 0 } name) return;
        foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid($"spec.{field}", name, fault);
    }

    public static void Positive(JsonNode? amount, string path, FieldErrors errors)
    {
        if (Quantity.TryParse(JsonDocuments.AsString(amount), out var quantity) && quantity.Sign <= 0) errors.Invalid(path, quantity.ToString(), "must be greater than zero");
    }

    /// <summary>RWO,ROX</summary>
    public static string Short(JsonObject? holder)
    {
        var modes = holder.GetStrings("accessModes").ToHashSet(StringComparer.Ordinal);
        return string.Join(',', Modes.Where(known => modes.Contains(known.Mode)).Select(known => known.Short));
    }

    public static string Phase(JsonObject obj) => ObjectMetadata.Of(obj).IsDeleting ? "Terminating" : obj.TextAt("status", "phase") ?? "";

    public static string OrUnset(string? text) => text ?? "<unset>";
}
