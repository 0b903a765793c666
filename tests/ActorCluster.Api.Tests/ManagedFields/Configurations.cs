using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.ManagedFields;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Tests.ManagedFields;

/// <summary>Deployments to apply, and a manager of their fields in one version.</summary>
internal static class Configurations
{
    public static readonly TypeSchema Schema = ModelSchema.Of<V1Deployment>();

    private static readonly ResetFields Reset = new(new Dictionary<string, FieldSet> { ["apps/v1"] = FieldSet.OfFields([["status"]]) });

    public static JsonObject Yaml(string yaml) => (JsonObject)JsonNode.Parse(YamlDocuments.ToJson(yaml).Span)!;

    public static FieldManager Manager(string subresource = "") => new(new OneVersion(), Reset, "apps/v1", subresource);

    public static VersionedObject Versioned(JsonObject obj) => new("apps/v1", obj, Schema);

    /// <summary>Applied to what is there (or nothing), as the API server would: the result is stored with a uid.</summary>
    public static JsonObject Apply(JsonObject? live, JsonObject applied, string manager, bool force = false, string time = "2026-01-01T00:00:00Z")
    {
        var result = Manager().Apply(Versioned(live ?? []), applied, manager, force, time);
        result.Ensure("metadata")["uid"] = "u";
        return result;
    }

    /// <summary>Updated to another state, as the API server would.</summary>
    public static JsonObject Update(JsonObject? live, JsonObject newer, string manager, string subresource = "", string time = "2026-01-01T00:00:00Z")
    {
        var result = (JsonObject)newer.DeepClone();
        var owners = Manager(subresource).Update(Versioned(live ?? []), Versioned(result), manager, time);
        result.Ensure("metadata")["uid"] = "u";
        result.Ensure("metadata").Put("managedFields", owners);
        return result;
    }

    /// <summary>What a manager owns, a path a line; "" for nothing.</summary>
    public static string Owned(JsonObject obj, string manager) =>
        ManagedFieldsList.Decode(obj.At("metadata", "managedFields")).Owners.FirstOrDefault(o => o.Key.Manager == manager)?.Fields.ToString() ?? "";

    public static JsonObject WithoutOwners(JsonObject obj)
    {
        var copy = (JsonObject)obj.DeepClone();
        copy.Ensure("metadata").Remove("managedFields");
        return copy;
    }

    /// <summary>A configuration out of random bytes: few names, so that two have something in common.</summary>
    public static JsonObject From(byte[] bytes)
    {
        var obj = Yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}");
        foreach (var b in bytes)
        {
            var name = ((char)('a' + b % 3)).ToString();
            var value = (b / 3 % 4).ToString(CultureInfo.InvariantCulture);
            switch (b / 12 % 8)
            {
                case 0:
                    obj.Ensure("metadata").Ensure("labels")[name] = value;
                    break;
                case 1:
                    obj.Ensure("spec")["replicas"] = b / 3 % 4;
                    break;
                case 2:
                    Element(PodSpec(obj), "containers", "name", name)["image"] = value;
                    break;
                case 3:
                    var env = Element(Element(PodSpec(obj), "containers", "name", name), "env", "name", value);
                    env["value"] = name;
                    break;
                case 4:
                    var finalizers = obj.Ensure("metadata")["finalizers"] as JsonArray ?? [];
                    if (!finalizers.Any(f => JsonDocuments.AsString(f) == name)) finalizers.Add((JsonNode)name);
                    obj.Ensure("metadata")["finalizers"] = finalizers;
                    break;
                case 5:
                    PodSpec(obj).Ensure("nodeSelector")[name] = value;
                    break;
                case 6:
                    PodSpec(obj).Ensure("securityContext")["runAsUser"] = b / 3 % 4;
                    break;
                default:
                    obj.Ensure("spec").Ensure("selector").Ensure("matchLabels")[name] = value;
                    break;
            }
        }
        return obj;
    }

    private static JsonObject PodSpec(JsonObject obj) => obj.Ensure("spec").Ensure("template").Ensure("spec");

    private static JsonObject Element(JsonObject parent, string list, string key, string name)
    {
        if (parent[list] is not JsonArray items) parent[list] = items = [];
        if (items.OfType<JsonObject>().FirstOrDefault(i => i.GetString(key) == name) is { } found) return found;
        var made = new JsonObject { [key] = name };
        items.Add((JsonNode)made);
        return made;
    }

    private sealed class OneVersion : IOwnershipConverter
    {
        public VersionedObject? Convert(VersionedObject obj, string apiVersion) => apiVersion == obj.ApiVersion ? obj : null;

        public TypeSchema? SchemaOf(string apiVersion) => apiVersion == "apps/v1" ? Schema : null;
    }
}
