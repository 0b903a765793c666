using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Controllers.Objects;

namespace ActorCluster.Controllers.Metadata;

/// <summary>One owner of an object.</summary>
internal sealed record OwnerMetadata(string ApiVersion, string Kind, string Name, string Uid, bool BlockOwnerDeletion, bool? Controller)
{
    public string Group => ApiVersions.GroupOf(ApiVersion);

    /// <summary>The reference as it stands in the object.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = Kind, ["name"] = Name, ["uid"] = Uid };
        if (Controller is { } controller) json["controller"] = controller;
        if (BlockOwnerDeletion) json["blockOwnerDeletion"] = true;
        return json;
    }
}

/// <summary>The metadata of an object of any kind: all that garbage collection needs to know.</summary>
internal sealed record ObjectMetadata(
    ObjectKey Key, string Uid, string ResourceVersion, bool Deleting, ImmutableArray<string> Finalizers, ImmutableArray<OwnerMetadata> Owners)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    /// <summary>It is being deleted and waits for its dependents to be gone.</summary>
    public bool WaitsForDependents => Deleting && Finalizers.Contains(ForegroundFinalizer);

    /// <summary>It is being deleted and its dependents are to be let go first.</summary>
    public bool OrphansDependents => Deleting && Finalizers.Contains(OrphanFinalizer);

    /// <param name="item">The object, or a PartialObjectMetadata.</param>
    public static ObjectMetadata Read(ResourceName resource, JsonElement item)
    {
        var metadata = item.GetProperty("metadata");
        return new(
            new ObjectKey(resource, Text(metadata, "namespace"), Text(metadata, "name")),
            Text(metadata, "uid"),
            Text(metadata, "resourceVersion"),
            metadata.TryGetProperty("deletionTimestamp", out var deleted) && deleted.ValueKind == JsonValueKind.String,
            metadata.TryGetProperty("finalizers", out var finalizers) && finalizers.ValueKind == JsonValueKind.Array
                ? [.. finalizers.EnumerateArray().Select(finalizer => finalizer.GetString() ?? "")] : [],
            metadata.TryGetProperty("ownerReferences", out var owners) && owners.ValueKind == JsonValueKind.Array
                ? [.. owners.EnumerateArray().Select(ReadOwner)] : []);
    }

    /// <summary>Reads no further than to the end of the metadata, and makes nothing of what isn't asked for: every change of every object comes by here.</summary>
    /// <exception cref="JsonException">There is no metadata.</exception>
    public static ObjectMetadata Read(ResourceName resource, ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("metadata"u8))
            {
                reader.Skip();
                continue;
            }
            reader.Read();
            return ReadMetadata(resource, ref reader);
        }
        throw new JsonException($"an object of {resource} has no metadata");
    }

    private static ObjectMetadata ReadMetadata(ResourceName resource, ref Utf8JsonReader reader)
    {
        var (name, ns, uid, version, deleting) = ("", "", "", "", false);
        ImmutableArray<string> finalizers = [];
        ImmutableArray<OwnerMetadata> owners = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8)) ns = Text(ref reader);
            else if (reader.ValueTextEquals("uid"u8)) uid = Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) version = Text(ref reader);
            else if (reader.ValueTextEquals("deletionTimestamp"u8)) deleting = Text(ref reader).Length > 0;
            else if (reader.ValueTextEquals("finalizers"u8)) finalizers = ReadFinalizers(ref reader);
            else if (reader.ValueTextEquals("ownerReferences"u8)) owners = ReadOwners(ref reader);
            else reader.Skip();
        }
        return new(new ObjectKey(resource, ns, name), uid, version, deleting, finalizers, owners);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString()!;
        reader.Skip();
        return "";
    }

    private static ImmutableArray<string> ReadFinalizers(ref Utf8JsonReader reader)
    {
        if (!IsList(ref reader)) return [];
        List<string> finalizers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) finalizers.Add(reader.GetString() ?? "");
        return [.. finalizers];
    }

    private static ImmutableArray<OwnerMetadata> ReadOwners(ref Utf8JsonReader reader)
    {
        if (!IsList(ref reader)) return [];
        List<OwnerMetadata> owners = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var (version, kind, name, uid, block, controller) = ("", "", "", "", (bool?)null, (bool?)null);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("apiVersion"u8)) version = Text(ref reader);
                else if (reader.ValueTextEquals("kind"u8)) kind = Text(ref reader);
                else if (reader.ValueTextEquals("name"u8)) name = Text(ref reader);
                else if (reader.ValueTextEquals("uid"u8)) uid = Text(ref reader);
                else if (reader.ValueTextEquals("blockOwnerDeletion"u8)) block = Truth(ref reader);
                else if (reader.ValueTextEquals("controller"u8)) controller = Truth(ref reader);
                else reader.Skip();
            }
            owners.Add(new OwnerMetadata(version, kind, name, uid, block == true, controller));
        }
        return [.. owners];
    }

    /// <param name="reader">Then at the list's begin; or at the end of whatever is there instead.</param>
    private static bool IsList(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray) return true;
        reader.Skip();
        return false;
    }

    private static bool? Truth(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False) return reader.GetBoolean();
        reader.Skip();
        return null;
    }

    private static OwnerMetadata ReadOwner(JsonElement owner) => new(
        Text(owner, "apiVersion"), Text(owner, "kind"), Text(owner, "name"), Text(owner, "uid"),
        owner.TryGetProperty("blockOwnerDeletion", out var block) && block.ValueKind == JsonValueKind.True,
        owner.TryGetProperty("controller", out var controller) && controller.ValueKind is (JsonValueKind.True or JsonValueKind.False) ? controller.GetBoolean() : null);

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
