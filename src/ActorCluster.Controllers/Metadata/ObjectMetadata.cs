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

    public static ObjectMetadata Read(ResourceName resource, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Read(resource, document.RootElement);
    }

    private static OwnerMetadata ReadOwner(JsonElement owner) => new(
        Text(owner, "apiVersion"), Text(owner, "kind"), Text(owner, "name"), Text(owner, "uid"),
        owner.TryGetProperty("blockOwnerDeletion", out var block) && block.ValueKind == JsonValueKind.True,
        owner.TryGetProperty("controller", out var controller) && controller.ValueKind is (JsonValueKind.True or JsonValueKind.False) ? controller.GetBoolean() : null);

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
