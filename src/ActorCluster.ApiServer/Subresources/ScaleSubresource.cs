using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.ManagedFields;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using ActorCluster.Api.Selectors;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>scale: the number of replicas of anything that has one, by the mapping in its definition.</summary>
internal sealed class ScaleSubresource(ObjectReader reader, ObjectWriter writer) : ISubresource
{
    private const string ApiVersion = ScaleOwnership.ScaleApiVersion;
    private static readonly FieldManager Ownership = new(new OneVersion(), ResetFields.None, ApiVersion, "scale");

    public string Name => "scale";

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var mapping = scope.Facets.Scale ?? throw StatusException.UnknownPath();
        switch (scope.Request.Verb)
        {
            case ApiVerb.Get:
                return scope.Respond(200, Encode(ObjectEncoder.Decode(reader.Get(scope)), mapping));
            case ApiVerb.Update:
                var given = BodyDecoder.Decode(scope.Request.Body.Span, ModelSchema.Of<V1Scale>(), "Scale", ApiVersion, scope.Options.FieldValidation, scope.Warnings);
                return await WriteAsync(scope, mapping, Recorded(scope, _ => (JsonObject)given.DeepClone()), cancellationToken);
            case ApiVerb.Patch when scope.Request.PatchType == PatchType.Apply:
                var configuration = new AppliedConfiguration(scope, ApiVersion, "Scale", ModelSchema.Of<V1Scale>());
                return await WriteAsync(scope, mapping, scale => configuration.ApplyTo(scale, (live, document) =>
                    Ownership.Apply(Versioned(live), document, OwnershipKeeper.NameOf(scope), scope.Options.Force, writer.Now)), cancellationToken);
            case ApiVerb.Patch:
                var patch = new PatchApplier(scope.Request);
                return await WriteAsync(scope, mapping, Recorded(scope, scale =>
                    BodyDecoder.Decode(patch.Apply(scale, ModelSchema.Of<V1Scale>()), ModelSchema.Of<V1Scale>(), "Scale", ApiVersion, scope.Options.FieldValidation, scope.Warnings)),
                    cancellationToken);
            default:
                throw SubresourceAnswers.NotSupported(scope);
        }
    }

    private async Task<ApiResponse> WriteAsync(RequestScope scope, ScaleMapping mapping, Func<JsonObject, JsonObject> change, CancellationToken cancellationToken)
    {
        var ownership = new ScaleOwnership(
            scope.ApiVersion, [.. scope.Definition.Versions.Select(v => ResourceDefinition.ApiVersion(scope.Resource.Group, v.Name))], mapping.SpecReplicas);
        var written = await writer.UpdateAsync(scope, UpdateMode.Whole with { OwnersAreKnown = true }, (current, copy) =>
        {
            var obj = copy();
            var owners = obj.At("metadata", "managedFields");
            var shown = Show(obj, mapping);
            shown.Ensure("metadata").Put("managedFields", ownership.ToScale(owners));
            var scale = change(shown);
            var replicas = scale.IntegerAt("spec", "replicas") ?? 0;
            var errors = new FieldErrors();
            if (replicas < 0) errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
            if (errors.Count > 0) throw StatusException.Invalid("autoscaling", "Scale", scope.Request.Name, errors);
            ObjectUpdater.CheckRevision(scope, ObjectMetadata.Of(scale), current);
            var parent = obj;
            foreach (var step in mapping.SpecReplicas[..^1]) parent = parent.Ensure(step);
            parent[mapping.SpecReplicas[^1]] = replicas;
            obj.Ensure("metadata").Put("managedFields", ownership.ToParent(owners, scale.At("metadata", "managedFields")));
            return obj;
        }, cancellationToken);
        var shown = written.Stored is null ? written.Document : ObjectEncoder.Decode(written.Stored);
        return scope.Respond(200, Encode(shown, mapping));
    }

    /// <summary>The change, with its owner noted on the Scale.</summary>
    private Func<JsonObject, JsonObject> Recorded(RequestScope scope, Func<JsonObject, JsonObject> change) => shown =>
    {
        var scale = change((JsonObject)shown.DeepClone());
        scale.Ensure("metadata").Put("managedFields", Ownership.Update(Versioned(shown), Versioned(scale), OwnershipKeeper.NameOf(scope), writer.Now));
        return scale;
    };

    private static VersionedObject Versioned(JsonObject scale) => new(ApiVersion, scale, ModelSchema.Of<V1Scale>());

    private static byte[] Encode(JsonObject obj, ScaleMapping mapping) => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(Show(obj, mapping), JsonDocuments.CompactJson);

    private static JsonObject Show(JsonObject obj, ScaleMapping mapping)
    {
        var metadata = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata.Put(name, obj.At("metadata", name)?.DeepClone());
        }
        var status = new JsonObject { ["replicas"] = obj.IntegerAt(mapping.StatusReplicas.AsSpan()) ?? 0 };
        if (!mapping.Selector.IsEmpty && obj.TextAt(mapping.Selector.AsSpan()) is { } text) status["selector"] = text;
        else if (!mapping.Selector.IsEmpty && obj.At(mapping.Selector.AsSpan()) is JsonObject selector)
        {
            status["selector"] = (mapping.SelectorIsMap
                ? LabelSelector.FromMap(selector.Select(label => KeyValuePair.Create(label.Key, JsonDocuments.AsString(label.Value) ?? "")))
                : LabelSelector.FromDocument(selector)).ToString();
        }
        var spec = new JsonObject();
        if (obj.IntegerAt(mapping.SpecReplicas.AsSpan()) is { } replicas) spec["replicas"] = replicas;
        return new JsonObject { ["kind"] = "Scale", ["apiVersion"] = ApiVersion, ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
    }

    /// <summary>There is one version of Scale.</summary>
    private sealed class OneVersion : IOwnershipConverter
    {
        public VersionedObject? Convert(VersionedObject obj, string apiVersion) => obj.ApiVersion == apiVersion ? obj : null;

        public TypeSchema? SchemaOf(string apiVersion) => apiVersion == ApiVersion ? ModelSchema.Of<V1Scale>() : null;
    }
}
