using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.OpenApi;

/// <summary>
/// The OpenAPI documents of a registry: the types with their merge keys, and of the paths what kubectl looks for (which kinds exist,
/// and that the server validates fields and runs dry by itself).
/// </summary>
public static class OpenApiDocuments
{
    private const string KubernetesVersion = "v1.36.0";
    private const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

    /// <summary>The path under /openapi/v3 of each group version that is served, in order: "api/v1", "apis/apps/v1".</summary>
    public static IReadOnlyList<string> Paths(ResourceRegistry registry) =>
        [.. registry.All.SelectMany(d => d.Versions.Select(v => Path(d.Name.Group, v.Name))).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The OpenAPI 3.0 document of one group version; null when none of its resources is served.</summary>
    public static JsonObject? BuildV3(ResourceRegistry registry, string path)
    {
        var served = registry.All.SelectMany(d => d.Versions.Select(v => (Definition: d, Version: v))).Where(s => Path(s.Definition.Name.Group, s.Version.Name) == path).ToList();
        if (served.Count == 0) return null;
        var builder = new Builder(new TypeNames(registry), "#/components/schemas/", v3: true);
        var paths = new JsonObject();
        foreach (var (definition, version) in served) AddPaths(paths, definition, version, builder, v3: true);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = KubernetesVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = builder.Schemas(served) },
        };
    }

    /// <summary>The OpenAPI 2.0 document of all that is served.</summary>
    public static JsonObject BuildV2(ResourceRegistry registry)
    {
        var served = registry.All.SelectMany(d => d.Versions.Select(v => (Definition: d, Version: v))).ToList();
        var builder = new Builder(new TypeNames(registry), "#/definitions/", v3: false);
        var paths = new JsonObject();
        foreach (var (definition, version) in served) AddPaths(paths, definition, version, builder, v3: false);
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = KubernetesVersion },
            ["paths"] = paths,
            ["definitions"] = builder.Schemas(served),
        };
    }

    private static string Path(string group, string version) => group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    private static void AddPaths(JsonObject paths, ResourceDefinition definition, ServedVersion version, Builder builder, bool v3)
    {
        var collection = $"/{Path(definition.Name.Group, version.Name)}/{(definition.Namespaced ? "namespaces/{namespace}/" : "")}{definition.Name.Plural}";
        paths[collection] = new JsonObject
        {
            ["get"] = Operation("list", definition, version, builder, v3, []),
            ["post"] = Operation("post", definition, version, builder, v3, ["dryRun", "fieldManager", "fieldValidation"]),
        };
        paths[$"{collection}/{{name}}"] = new JsonObject
        {
            ["get"] = Operation("get", definition, version, builder, v3, []),
            ["put"] = Operation("put", definition, version, builder, v3, ["dryRun", "fieldManager", "fieldValidation"]),
            ["patch"] = Operation("patch", definition, version, builder, v3, ["dryRun", "fieldManager", "fieldValidation", "force"]),
            ["delete"] = Operation("delete", definition, version, builder, v3, ["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
        };
    }

    private static JsonObject Operation(string action, ResourceDefinition definition, ServedVersion version, Builder builder, bool v3, string[] parameters)
    {
        var list = new JsonArray();
        foreach (var name in parameters)
        {
            var type = name switch { "force" => "boolean", "gracePeriodSeconds" => "integer", _ => "string" };
            var parameter = new JsonObject { ["name"] = name, ["in"] = "query" };
            if (v3) parameter["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true };
            else parameter["type"] = type;
            list.Add((JsonNode)parameter);
        }
        var response = new JsonObject { ["description"] = "OK" };
        if (v3) response["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = builder.Reference(version.Schema) } };
        else response["schema"] = builder.Reference(version.Schema);
        return new JsonObject
        {
            ["operationId"] = $"{action}{definition.Name.Group}{version.Name}{definition.Kind}",
            ["parameters"] = list,
            ["responses"] = new JsonObject { ["200"] = response },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = GroupVersionKind(definition, version),
        };
    }

    private static JsonObject GroupVersionKind(ResourceDefinition definition, ServedVersion version) =>
        new() { ["group"] = definition.Name.Group, ["kind"] = definition.Kind, ["version"] = version.Name };

    private sealed class Builder(TypeNames names, string prefix, bool v3)
    {
        public JsonObject Schemas(IReadOnlyList<(ResourceDefinition Definition, ServedVersion Version)> served)
        {
            var schemas = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal)
            {
                [Quantity] = new JsonObject { ["type"] = "string" },
                [IntOrString] = new JsonObject { ["type"] = "string", ["format"] = "int-or-string" },
            };
            foreach (var (definition, version) in served)
            {
                if (version.Published is { } published)
                {
                    schemas[published.Name] = published.Build(v3 ? 3 : 2, prefix + names[ModelSchema.Of<V1ObjectMeta>()]);
                    Add(ModelSchema.Of<V1ObjectMeta>(), schemas);
                }
                else
                {
                    Add(version.Schema, schemas);
                }
                var schema = schemas[names[version.Schema]];
                if (schema["x-kubernetes-group-version-kind"] is not JsonArray kinds) schema["x-kubernetes-group-version-kind"] = kinds = [];
                kinds.Add((JsonNode)GroupVersionKind(definition, version));
            }
            var result = new JsonObject();
            foreach (var (name, schema) in schemas) result[name] = schema;
            return result;
        }

        public JsonObject Reference(TypeSchema type) => new() { ["$ref"] = prefix + names[type] };

        private void Add(TypeSchema type, SortedDictionary<string, JsonNode> schemas)
        {
            if (type.Kind is SchemaKind.Map or SchemaKind.Array)
            {
                Add(type.Element!, schemas);
                return;
            }
            if (type.Kind != SchemaKind.Object || schemas.ContainsKey(names[type])) return;
            var properties = new JsonObject();
            var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
            schema.Put("description", FieldFacts.Describe(type.Name));
            if (type.IsAtomic) schema["x-kubernetes-map-type"] = "atomic";
            schemas[names[type]] = schema;
            var facts = FieldFacts.Of(names[type]);
            if (facts.Where(fact => fact.IsRequired).Select(fact => fact.Field).ToArray() is { Length: > 0 } required) schema["required"] = JsonDocuments.ArrayOf(required);
            foreach (var field in type.Fields)
            {
                var property = Describe(field.Type);
                if (FieldFacts.Describe(type.Name, field.Name) is { } description) property = WithDescription(property, description);
                if (facts.FirstOrDefault(fact => fact.Field == field.Name) is { Values.Length: > 0 } enumeration) AddValues(property, enumeration.Values);
                if (field.PatchStrategy.Length > 0) property["x-kubernetes-patch-strategy"] = field.PatchStrategy;
                if (field.PatchMergeKey.Length > 0) property["x-kubernetes-patch-merge-key"] = field.PatchMergeKey;
                Share(property, field);
                properties[field.Name] = property;
                Add(field.Type, schemas);
            }
        }

        /// <summary>In OpenAPI 3.0 nothing may stand beside a reference.</summary>
        private JsonObject WithDescription(JsonObject property, string description)
        {
            var described = v3 && property.Has("$ref") ? new JsonObject { ["allOf"] = new JsonArray(property) } : property;
            described["description"] = description;
            return described;
        }

        /// <summary>Of a list they are its elements'.</summary>
        private static void AddValues(JsonObject property, string[] values) => (property.GetObject("items") ?? property)["enum"] = JsonDocuments.ArrayOf(values);

        private static void Share(JsonObject property, FieldSchema field)
        {
            if (field.Type.Kind == SchemaKind.Array)
            {
                property["x-kubernetes-list-type"] = field.Merging switch { Merging.Keyed => "map", Merging.Set => "set", _ => "atomic" };
                if (field.Merging == Merging.Keyed) property["x-kubernetes-list-map-keys"] = JsonDocuments.ArrayOf(field.ListKeys.AsSpan());
            }
            else if (field.Merging is { } merging)
            {
                property["x-kubernetes-map-type"] = merging == Merging.Atomic ? "atomic" : "granular";
            }
        }

        private JsonObject Describe(TypeSchema type) => type.Kind switch
        {
            SchemaKind.Object => Reference(type),
            SchemaKind.Map => new JsonObject { ["type"] = "object", ["additionalProperties"] = Describe(type.Element!) },
            SchemaKind.Array => new JsonObject { ["type"] = "array", ["items"] = Describe(type.Element!) },
            SchemaKind.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            SchemaKind.Int64 => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            SchemaKind.Number => new JsonObject { ["type"] = "number", ["format"] = "double" },
            SchemaKind.Boolean => new JsonObject { ["type"] = "boolean" },
            SchemaKind.Quantity => new JsonObject { ["$ref"] = prefix + Quantity },
            SchemaKind.IntOrString => new JsonObject { ["$ref"] = prefix + IntOrString },
            SchemaKind.Time => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            SchemaKind.Bytes => new JsonObject { ["type"] = "string", ["format"] = "byte" },
            SchemaKind.String => new JsonObject { ["type"] = "string" },
            _ => new JsonObject { ["type"] = "object" },
        };
    }
}
