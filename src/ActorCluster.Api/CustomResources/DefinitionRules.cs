using System.Buffers;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.CustomResources;

/// <summary>What a custom resource definition's spec must be (apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go).</summary>
internal static class DefinitionRules
{
    private const int MostSelectableFields = 8;
    private static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];
    private static readonly string[] ColumnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
    private static readonly SearchValues<char> BeyondDots = SearchValues.Create("[]*@?()'\"");
    private static readonly string[] Selectable = ["string", "boolean", "integer"];

    public static void Validate(JsonObject crd, FieldErrors errors)
    {
        var spec = crd.Ensure("spec");
        var group = spec.GetString("group") ?? "";
        if (group.Length == 0) errors.Required("spec.group");
        else if (Faults(Validation.Names.Dns1123Subdomain(group)) is { } fault) errors.Invalid("spec.group", group, fault);
        else if (!group.Contains('.', StringComparison.Ordinal)) errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        Choice(spec, "scope", "spec.scope", ["Cluster", "Namespaced"], errors);
        if (spec.GetBoolean("preserveUnknownFields") == true)
            errors.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        Versions(spec, errors);
        var names = spec.Ensure("names");
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            if (string.IsNullOrEmpty(names.GetString(field))) errors.Required($"spec.names.{field}");
        }
        Names(names, "spec.names", errors);
        Conversion(spec.GetObject("conversion"), errors);
    }

    public static void Names(JsonObject names, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular"]) Label(names.GetString(field), $"{path}.{field}", errors);
        foreach (var field in (ReadOnlySpan<string>)["kind", "listKind"])
        {
            if (names.GetString(field) is { Length: > 0 } name && Faults(Validation.Names.Dns1035Label(name.ToLowerInvariant())) is { } fault)
                errors.Invalid($"{path}.{field}", name, $"may have mixed case, but should otherwise match: {fault}");
        }
        var index = 0;
        foreach (var name in names.GetStrings("shortNames")) Label(name, $"{path}.shortNames[{index++}]", errors);
        if (names.GetString("kind") is { Length: > 0 } kind && kind == names.GetString("listKind")) errors.Invalid($"{path}.listKind", kind, "kind and listKind may not be the same");
        index = 0;
        foreach (var category in names.GetStrings("categories")) Label(category, $"{path}.categories[{index++}]", errors);
    }

    private static void Versions(JsonObject spec, FieldErrors errors)
    {
        var versions = spec.GetObjects("versions").ToList();
        for (var i = 0; i < versions.Count; i++)
        {
            var path = $"spec.versions[{i}]";
            var version = versions[i];
            if (version.At("schema", "openAPIV3Schema") is null) errors.Required($"{path}.schema.openAPIV3Schema");
            var name = version.GetString("name") ?? "";
            if (Faults(Validation.Names.Dns1035Label(name)) is { } fault) errors.Invalid($"{path}.name", name, fault);
            Deprecation(version, path, errors);
            var hasStatus = version.At("subresources", "status") is not null;
            if (version.At("schema", "openAPIV3Schema") is JsonObject schema) StructuralRules.Validate(schema, hasStatus, $"{path}.schema.openAPIV3Schema", errors);
            Scale(version.At("subresources", "scale") as JsonObject, $"{path}.subresources.scale", errors);
            var column = 0;
            foreach (var definition in version.GetObjects("additionalPrinterColumns")) Column(definition, $"{path}.additionalPrinterColumns[{column++}]", errors);
            SelectableFields(version, path, errors);
        }
        var given = spec["versions"];
        if (versions.Select(v => v.GetString("name")).Distinct().Count() != versions.Count) errors.Invalid("spec.versions", given, "must contain unique version names");
        if (versions.Count(v => v.GetBoolean("storage") == true) != 1) errors.Invalid("spec.versions", given, "must have exactly one version marked as storage version");
    }

    private static void Deprecation(JsonObject version, string path, FieldErrors errors)
    {
        if (version.GetString("deprecationWarning") is not { } warning) return;
        if (version.GetBoolean("deprecated") != true) errors.Invalid($"{path}.deprecationWarning", warning, "can only be set for deprecated versions");
        else if (warning.Length > 256) errors.Invalid($"{path}.deprecationWarning", warning, "must be <= 256 characters long");
        else if (warning.Length == 0) errors.Invalid($"{path}.deprecationWarning", warning, "must not be an empty string");
    }

    private static void Scale(JsonObject? scale, string path, FieldErrors errors)
    {
        if (scale is null) return;
        ReplicasPath("specReplicasPath", ".spec.", ".spec");
        ReplicasPath("statusReplicasPath", ".status.", ".status");
        if (scale.GetString("labelSelectorPath") is not { Length: > 0 } selector) return;
        if (SimplePathFault(selector) is { } wrong) errors.Invalid($"{path}.labelSelectorPath", selector, wrong);
        else if (!selector.StartsWith(".spec.", StringComparison.Ordinal) && !selector.StartsWith(".status.", StringComparison.Ordinal))
            errors.Invalid($"{path}.labelSelectorPath", selector, "should be a json path under either .spec or .status");

        void ReplicasPath(string field, string prefix, string root)
        {
            var value = scale.GetString(field) ?? "";
            if (value.Length == 0) errors.Required($"{path}.{field}");
            else if (SimplePathFault(value) is { } fault) errors.Invalid($"{path}.{field}", value, fault);
            else if (!value.StartsWith(prefix, StringComparison.Ordinal)) errors.Invalid($"{path}.{field}", value, $"should be a json path under {root}");
        }
    }

    private static string? SimplePathFault(string path)
    {
        if (!path.StartsWith('.')) return "must be a simple json path starting with .";
        return path.AsSpan().ContainsAny(BeyondDots) || path.Contains("..", StringComparison.Ordinal) || path.EndsWith('.') ? "must be a json path in the dot notation" : null;
    }

    private static void Column(JsonObject column, string path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(column.GetString("name"))) errors.Required($"{path}.name");
        var type = column.GetString("type") ?? "";
        if (type.Length == 0) errors.Required($"{path}.type", $"must be one of {string.Join(',', ColumnTypes)}");
        else if (!ColumnTypes.Contains(type)) errors.Invalid($"{path}.type", type, $"must be one of {string.Join(',', ColumnTypes)}");
        if (column.GetString("format") is { Length: > 0 } format && !ColumnFormats.Contains(format)) errors.Invalid($"{path}.format", format, $"must be one of {string.Join(',', ColumnFormats)}");
        var jsonPath = column.GetString("jsonPath") ?? "";
        if (jsonPath.Length == 0) errors.Required($"{path}.JSONPath");
        else if (PathFault(jsonPath) is { } fault) errors.Invalid($"{path}.JSONPath", jsonPath, fault);
    }

    private static string? PathFault(string path)
    {
        if (!path.StartsWith('.')) return "must be a simple json path starting with .";
        try
        {
            JsonPath.Parse(path);
            return null;
        }
        catch (FormatException fault)
        {
            return $"is an invalid path: {fault.Message}";
        }
    }

    private static void SelectableFields(JsonObject version, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var field in version.GetObjects("selectableFields"))
        {
            var at = $"{path}.selectableFields[{index++}].jsonPath";
            var jsonPath = field.GetString("jsonPath") ?? "";
            if (jsonPath.Length == 0) errors.Required(at);
            else if (SimplePathFault(jsonPath) is { } fault) errors.Invalid(at, jsonPath, $"is an invalid path: {fault}");
            else if (jsonPath.StartsWith(".metadata", StringComparison.Ordinal)) errors.Invalid(at, jsonPath, "must not point to fields in metadata");
            else if (!Selectable.Contains(TypeAt(version.At("schema", "openAPIV3Schema") as JsonObject, jsonPath)))
                errors.Invalid(at, jsonPath, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            else if (!seen.Add(jsonPath)) errors.Duplicate(at, jsonPath);
        }
        if (seen.Count > MostSelectableFields) errors.TooMany($"{path}.selectableFields", seen.Count, MostSelectableFields);
    }

    private static string? TypeAt(JsonObject? schema, string path)
    {
        foreach (var step in path.TrimStart('.').Split('.')) schema = schema.At("properties", step) as JsonObject;
        return schema?.GetString("type");
    }

    private static void Conversion(JsonObject? conversion, FieldErrors errors)
    {
        if (conversion is null) return;
        Choice(conversion, "strategy", "spec.conversion.strategy", ["None", "Webhook"], errors);
        var webhook = conversion.GetObject("webhook");
        if (conversion.GetString("strategy") != "Webhook")
        {
            if (webhook?.Has("clientConfig") == true) errors.Forbidden("spec.conversion.webhookClientConfig", "should not be set when strategy is not set to Webhook");
            if (webhook.GetStrings("conversionReviewVersions").Any()) errors.Forbidden("spec.conversion.conversionReviewVersions", "should not be set when strategy is not set to Webhook");
            return;
        }
        if (webhook?.GetObject("clientConfig") is not { } client) errors.Required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook");
        else if (client.Has("url") == client.Has("service")) errors.Required("spec.conversion.webhookClientConfig", "exactly one of url or service is required");
        var versions = webhook.GetStrings("conversionReviewVersions").ToList();
        if (versions.Count == 0) errors.Required("spec.conversion.conversionReviewVersions");
        else if (!versions.Contains("v1") && !versions.Contains("v1beta1"))
            errors.Invalid("spec.conversion.conversionReviewVersions", JsonDocuments.ArrayOf([.. versions]), "must include at least one of v1, v1beta1");
    }

    private static void Choice(JsonObject parent, string field, string path, string[] values, FieldErrors errors)
    {
        var value = parent.GetString(field) ?? "";
        if (value.Length == 0) errors.Required(path);
        else if (!values.Contains(value)) errors.NotSupported(path, value, values);
    }

    private static void Label(string? name, string path, FieldErrors errors)
    {
        if (!string.IsNullOrEmpty(name) && Faults(Validation.Names.Dns1035Label(name)) is { } fault) errors.Invalid(path, name, fault);
    }

    private static string? Faults(IEnumerable<string> faults) => string.Join(',', faults) is { Length: > 0 } text ? text : null;
}
