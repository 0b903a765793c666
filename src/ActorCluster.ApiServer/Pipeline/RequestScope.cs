using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>One request with what the registry says of its resource.</summary>
internal sealed record RequestScope(ApiRequest Request, ResourceDefinition Definition, ServedVersion Version)
{
    /// <summary>What custom resources' bytes became by reading them, for as long as they are stored: many clients are told the same.</summary>
    private static readonly ConditionalWeakTable<IVersionConverter, ConditionalWeakTable<StoredObject, object>> Told = [];

    public List<string> Warnings { get; } = Version.DeprecationWarning is { } deprecated ? [deprecated] : [];

    /// <summary>What is particular to the version.</summary>
    public VersionFacets Facets { get; } = Definition.FacetsOf(Version);

    public ResourceStrategy Strategy => Facets.Strategy;
    public ResourceName Resource => Definition.Name;
    public ApiRequestOptions Options => Request.EffectiveOptions;
    public ObjectKey Key => new(Definition.Storage, Request.Namespace, Request.Name);
    public string ApiVersion { get; } = ResourceDefinition.ApiVersion(Definition.Name.Group, Version.Name);

    /// <exception cref="StatusException">No such resource, version or namespace usage.</exception>
    public static RequestScope Resolve(ResourceRegistry registry, ApiRequest request)
    {
        var definition = registry.Find(request.Resource) ?? throw StatusException.UnknownPath();
        var version = request.Version is null ? definition.Preferred : definition.Version(request.Version) ?? throw StatusException.UnknownPath();
        if (!definition.Namespaced && request.Namespace.Length > 0) throw StatusException.UnknownPath();
        var needsNamespace = request.Verb is not (ApiVerb.List or ApiVerb.DeleteCollection);
        // In-process clients may leave the namespace to the object they create.
        if (definition.Namespaced && request.Namespace.Length == 0 && needsNamespace && request.Verb != ApiVerb.Create)
        {
            throw StatusException.BadRequest("an empty namespace may not be set when a resource name is provided");
        }
        return new RequestScope(request, definition, version);
    }

    /// <summary>Decodes an object of this resource from the request's body into the stored version.</summary>
    /// <exception cref="StatusException">400, as upstream words it.</exception>
    public JsonObject DecodeBody() => Decode(Request.Body.Span);

    public JsonObject Decode(ReadOnlySpan<byte> body)
    {
        var obj = BodyDecoder.Decode(body, Version.Schema, Definition.Kind, ApiVersion, Options.FieldValidation, Warnings);
        return Version.Converter is { } converter ? converter.ToStorage(obj) : obj;
    }

    /// <summary>A stored object as it is read today, as a document that may be changed.</summary>
    public JsonObject Read(StoredObject stored)
    {
        var document = ObjectEncoder.Decode(stored);
        Definition.ReadStored?.Invoke(document);
        return document;
    }

    /// <summary>The stored object as the client wants it.</summary>
    public ReadOnlyMemory<byte> Encode(StoredObject stored)
    {
        if (Version.Converter is not { } converter) return stored.Json;
        if (Definition.ReadStored is null) return Convert(converter, stored);
        return (ReadOnlyMemory<byte>)Told.GetOrCreateValue(converter).GetValue(stored, s =>
        {
            var json = Convert(converter, s);
            return json.Span.SequenceEqual(s.Json.Span) ? s.Json : json;
        });
    }

    private ReadOnlyMemory<byte> Convert(IVersionConverter converter, StoredObject stored) =>
        ObjectEncoder.EncodeWhole(converter.FromStorage(ObjectEncoder.Decode(stored)), ApiVersion, Definition.Kind);

    /// <summary>A document in the stored version, as the client wants it.</summary>
    public ReadOnlyMemory<byte> Encode(JsonObject stored)
    {
        var copy = (JsonObject)stored.DeepClone();
        return ObjectEncoder.EncodeWhole(Version.Converter is { } converter ? converter.FromStorage(copy) : copy, ApiVersion, Definition.Kind);
    }

    public StatusException NotFound() => StatusException.NotFound(Resource, Request.Name);

    public ApiResponse Respond(int statusCode, ReadOnlyMemory<byte> body) => new(statusCode, body, Warnings);
}
