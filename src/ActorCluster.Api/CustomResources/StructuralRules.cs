using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.CustomResources;

/// <summary>What a schema must be to be structural, and what no schema may have (apiextensions-apiserver/pkg/apiserver/schema/validation.go, pkg/apis/apiextensions/validation).</summary>
internal static class StructuralRules
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];
    private static readonly string[] Unsupported = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];
    private static readonly string[] StructureOnly =
    [
        JsonSchema.PreserveUnknownFields, JsonSchema.EmbeddedResource, JsonSchema.IntOrStringField, "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-validations",
    ];

    private static readonly JsonNode IntOrString = JsonNode.Parse("""[{"type":"integer"},{"type":"string"}]""")!;

    public static void Validate(JsonObject schema, bool hasStatus, string path, FieldErrors errors)
    {
        if (schema.GetBoolean("nullable") == true) errors.Forbidden($"{path}.nullable", "nullable cannot be true at the root");
        if (hasStatus && schema.GetString("type") is { } type && type != "object") errors.Invalid($"{path}.type", type, "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
        var before = errors.Count;
        Structure(schema, Level.Root, path, errors);
        if (errors.Count == before) Defaults(JsonSchema.Parse(schema), path, errors);
    }

    private enum Level
    {
        Root,
        Item,
        Field,
    }

    private static void Structure(JsonObject schema, Level level, string path, FieldErrors errors)
    {
        General(schema, path, errors);
        var type = schema.GetString("type") ?? "";
        var isEmbedded = schema.GetBoolean(JsonSchema.EmbeddedResource) == true;
        var preserves = schema.GetBoolean(JsonSchema.PreserveUnknownFields) == true;
        var isIntOrString = schema.GetBoolean(JsonSchema.IntOrStringField) == true;

        if (isEmbedded && type != "object")
        {
            const string rule = "must be object if x-kubernetes-embedded-resource is true";
            if (type.Length == 0) errors.Required($"{path}.type", rule);
            else errors.Invalid($"{path}.type", type, rule);
        }
        else if (type.Length == 0 && !isIntOrString && !preserves)
        {
            errors.Required($"{path}.type", level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            });
        }
        if (level == Level.Root && type.Length > 0 && type != "object") errors.Invalid($"{path}.type", type, "must be object at the root");
        if (type == "array" && !schema.Has("items")) errors.Required($"{path}.items", "must be specified");
        if (level == Level.Root && schema.Has("additionalProperties")) errors.Forbidden($"{path}.additionalProperties", "must not be used at the root");
        if (isIntOrString && preserves) errors.Invalid($"{path}.{JsonSchema.PreserveUnknownFields}", true, "must be false if x-kubernetes-int-or-string is true");
        if (isIntOrString && isEmbedded) errors.Invalid($"{path}.{JsonSchema.EmbeddedResource}", true, "must be false if x-kubernetes-int-or-string is true");
        if (isEmbedded && schema.Has("additionalProperties")) errors.Forbidden($"{path}.additionalProperties", "must not be used if x-kubernetes-embedded-resource is set");
        if (isEmbedded && !preserves && schema.GetObject("properties") is (null or { Count: 0 }))
            errors.Required($"{path}.properties", "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        if (level == Level.Root || isEmbedded) Metadata(schema, level, path, errors);
        Lists(schema, type, path, errors);
        Alternatives(schema, isIntOrString, path, errors);

        if (schema.GetObject("items") is { } items) Structure(items, Level.Item, $"{path}.items", errors);
        foreach (var (name, property) in schema.GetObject("properties") ?? []) if (property is JsonObject field) Structure(field, Level.Field, $"{path}.properties[{name}]", errors);
        if (schema.GetObject("additionalProperties") is { } others) Structure(others, Level.Field, $"{path}.additionalProperties", errors);
    }

    /// <summary>What holds inside alternatives, too.</summary>
    private static void General(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.GetString("type") is { Length: > 0 } type && !Types.Contains(type)) errors.NotSupported($"{path}.type", type, Types);
        foreach (var field in Unsupported.Where(schema.Has)) errors.Forbidden($"{path}.{field}", $"{field} is not supported");
        if (schema.GetBoolean("uniqueItems") == true) errors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        if (schema.Has("additionalProperties") && schema.GetObject("properties") is { Count: > 0 }) errors.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        if (schema["items"] is JsonArray) errors.Forbidden($"{path}.items", "items must be a schema object and not an array");
        if (schema.GetBoolean(JsonSchema.PreserveUnknownFields) == false) errors.Invalid($"{path}.{JsonSchema.PreserveUnknownFields}", false, "must be true or undefined");
        if (schema.GetString("pattern") is { Length: > 0 } pattern && GoRegex.TryParse(pattern, out var fault) is null)
            errors.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: {fault}");
    }

    private static void Metadata(JsonObject schema, Level level, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["kind", "apiVersion"])
        {
            if (schema.At("properties", field) is JsonObject named && named.GetString("type") != "string") errors.Invalid($"{path}.properties[{field}].type", named.GetString("type") ?? "", "must be string");
        }
        if (schema.At("properties", "metadata") is not JsonObject metadata) return;
        if (metadata.GetString("type") != "object") errors.Invalid($"{path}.properties[metadata].type", metadata.GetString("type") ?? "", "must be object");
        var extra = metadata.Select(p => p.Key).Except(["type", "description", "properties"]).Any() || (metadata.GetObject("properties") ?? []).Any(p => p.Key is not ("name" or "generateName"));
        if (level == Level.Root && extra) errors.Forbidden($"{path}.properties[metadata]", "must not specify anything other than name and generateName, but metadata is implicitly specified");
    }

    private static void Lists(JsonObject schema, string type, string path, FieldErrors errors)
    {
        OfType("x-kubernetes-map-type", "object", ["atomic", "granular"]);
        OfType("x-kubernetes-list-type", "array", ["atomic", "set", "map"]);
        var listType = schema.GetString("x-kubernetes-list-type");
        var keys = schema.GetStrings("x-kubernetes-list-map-keys").ToList();
        if (keys.Count > 0 && listType != "map")
        {
            const string rule = "must be map if x-kubernetes-list-map-keys is non-empty";
            if (listType is null) errors.Required($"{path}.x-kubernetes-list-type", rule);
            else errors.Invalid($"{path}.x-kubernetes-list-type", listType, rule);
        }
        if (listType != "map" || schema.GetObject("items") is not { } items) return;
        if (keys.Count == 0) errors.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        if (items.GetString("type") != "object") errors.Invalid($"{path}.items.type", items.GetString("type") ?? "", "must be object if parent array's x-kubernetes-list-type is map");
        var given = schema["x-kubernetes-list-map-keys"];
        if (keys.Distinct().Count() != keys.Count) errors.Invalid($"{path}.x-kubernetes-list-map-keys", given, "must not contain duplicate entries");
        var required = items.GetStrings("required").ToHashSet();
        foreach (var key in keys)
        {
            if (items.At("properties", key) is not JsonObject property) errors.Invalid($"{path}.x-kubernetes-list-map-keys", given, "entries must all be names of item properties");
            else if (property.GetString("type") is "array" or "object") errors.Invalid($"{path}.items.properties[{key}].type", items.GetString("type"), "must be a scalar type if parent array's x-kubernetes-list-type is map");
            else if (!required.Contains(key) && !property.Has("default"))
                errors.Required($"{path}.items.properties[{key}].default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
        }

        void OfType(string field, string wanted, string[] values)
        {
            if (schema.GetString(field) is not { } value) return;
            if (type.Length == 0) errors.Required($"{path}.type", $"must be {wanted} if {field} is specified");
            else if (type != wanted) errors.Invalid($"{path}.type", type, $"must be {wanted} if {field} is specified");
            if (!values.Contains(value)) errors.NotSupported($"{path}.{field}", value, values);
        }
    }

    private static void Alternatives(JsonObject schema, bool isIntOrString, string path, FieldErrors errors)
    {
        foreach (var kind in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            // The one form in which types may stand there.
            if (kind == "anyOf" && isIntOrString && schema["anyOf"].SameAs(IntOrString)) continue;
            var index = 0;
            foreach (var alternative in schema.GetObjects(kind))
            {
                var isException = kind == "allOf" && index == 0 && isIntOrString && alternative["anyOf"].SameAs(IntOrString);
                if (!isException) Nested(alternative, $"{path}.{kind}[{index}]", errors);
                index++;
            }
        }
        if (schema.GetObject("not") is { } not) Nested(not, $"{path}.not", errors);
    }

    /// <summary>Alternatives say what values may be, and not what there is.</summary>
    private static void Nested(JsonObject schema, string path, FieldErrors errors)
    {
        General(schema, path, errors);
        foreach (var field in (ReadOnlySpan<string>)["type", "title", "description"])
        {
            if (!string.IsNullOrEmpty(schema.GetString(field))) errors.Forbidden($"{path}.{field}", "must be empty to be structural");
        }
        foreach (var field in (ReadOnlySpan<string>)["additionalProperties", "default"])
        {
            if (schema.Has(field)) errors.Forbidden($"{path}.{field}", "must be undefined to be structural");
        }
        if (schema.GetBoolean("nullable") == true) errors.Forbidden($"{path}.nullable", "must be false to be structural");
        foreach (var field in StructureOnly.Where(schema.Has))
            errors.Forbidden($"{path}.{field}", schema[field] is JsonArray ? "must be empty to be structural" : schema.GetBoolean(field) is null ? "must be undefined to be structural" : "must be false to be structural");
        Alternatives(schema, false, path, errors);
        if (schema.GetObject("items") is { } items) Nested(items, $"{path}.items", errors);
        foreach (var (name, property) in schema.GetObject("properties") ?? [])
        {
            if (name == "metadata") errors.Forbidden($"{path}.properties[metadata]", "must not be specified in a nested context");
            if (property is JsonObject field) Nested(field, $"{path}.properties[{name}]", errors);
        }
    }

    /// <summary>Defaults fit their own schema, and nothing of them would be pruned.</summary>
    private static void Defaults(JsonSchema schema, string path, FieldErrors errors)
    {
        if (schema.Default is { } value)
        {
            var copy = value.DeepClone();
            if (copy is JsonObject map && StructuralPruning.Prune(map, StructuralTypes.Of(schema))) errors.Invalid($"{path}.default", value, "must not have unknown fields");
            SchemaValidator.Validate(value, schema, $"{path}.default", errors);
        }
        foreach (var (name, property) in schema.Properties) Defaults(property, $"{path}.properties[{name}]", errors);
        if (schema.Items is { } items) Defaults(items, $"{path}.items", errors);
        if (schema.AdditionalProperties is { } others) Defaults(others, $"{path}.additionalProperties", errors);
    }
}
