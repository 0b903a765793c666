using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Updates and patches of an object or one of its parts.</summary>
internal sealed class ObjectUpdater(IObjectStore store, ObjectWriter writer)
{
    /// <exception cref="StatusException">Refused.</exception>
    public async Task<ApiResponse> UpdateAsync(RequestScope scope, UpdateMode mode, CancellationToken cancellationToken)
    {
        var given = scope.DecodeBody();
        CheckIdentity(scope, given);
        if (mode.IsWhole && scope.Strategy.CreatesOnUpdate && store.Snapshot.Get(scope.Key) is null)
        {
            ObjectMetadata.Of(given).ResourceVersion = "";
            var created = await writer.CreateAsync(scope, given, cancellationToken);
            return Answer(scope, 201, created);
        }
        if (ObjectMetadata.Of(given).ResourceVersion is "" or "0" && !scope.Strategy.AllowsUnconditionalUpdate)
        {
            var errors = new FieldErrors();
            errors.Invalid("metadata.resourceVersion", 0, "must be specified for an update");
            throw StatusException.Invalid(scope.Resource.Group, scope.Definition.Kind, scope.Request.Name, errors);
        }
        JsonObject? unused = given;
        var written = await writer.UpdateAsync(scope, mode, (current, _) =>
        {
            // Another round needs what the client sent, not what the last round made of it.
            var next = unused ?? Decoded();
            unused = null;
            CheckRevision(scope, ObjectMetadata.Of(next), current);
            return next;
        }, cancellationToken);
        return Answer(scope, 200, written);

        JsonObject Decoded()
        {
            var again = scope.DecodeBody();
            CheckIdentity(scope, again);
            return again;
        }
    }

    /// <exception cref="StatusException">Refused.</exception>
    public async Task<ApiResponse> PatchAsync(RequestScope scope, UpdateMode mode, CancellationToken cancellationToken)
    {
        if (scope.Request.PatchType == PatchType.Apply) return await ApplyAsync(scope, mode, cancellationToken);
        if (scope.Request.PatchType == PatchType.Strategic && !scope.Definition.TakesStrategicPatch)
        {
            throw StatusException.UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
        }
        if ((mode.IsWhole || mode == UpdateMode.Status) && await writer.TryRenewAsync(scope, cancellationToken) is { } renewed) return scope.Respond(200, scope.Encode(renewed));
        var patch = new PatchApplier(scope.Request);
        var touchesOwners = scope.Request.Body.Span.IndexOf("managedFields"u8) >= 0;
        var written = await writer.UpdateAsync(scope, mode, (current, copy) =>
        {
            var obj = copy();
            // Left out, they are what they were: they needn't go through the patch.
            if (!touchesOwners) ObjectMetadata.Of(obj).Json.Remove("managedFields");
            var served = scope.Version.Converter is { } converter ? converter.FromStorage(obj) : obj;
            var patched = Decode(scope, patch.Apply(served, scope.Version.Schema, scope.Strategy.HasStatus));
            CheckIdentity(scope, patched);
            // Left alone by the patch, the revision is the one that was read, and another writer's turn means another round.
            CheckRevision(scope, ObjectMetadata.Of(patched), current);
            return scope.Version.Converter is { } back ? back.ToStorage(patched) : patched;
        }, cancellationToken);
        return Answer(scope, 200, written);
    }

    /// <summary>Server-side apply: what the configuration says becomes so and its manager's; an absent object is created.</summary>
    private async Task<ApiResponse> ApplyAsync(RequestScope scope, UpdateMode mode, CancellationToken cancellationToken)
    {
        var configuration = new AppliedConfiguration(scope, scope.ApiVersion, scope.Definition.Kind, scope.Version.Schema);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (mode.IsWhole && store.Snapshot.Get(scope.Key) is null)
                {
                    var applied = Apply(scope, configuration, []);
                    configuration.CheckNewcomer(applied);
                    return Answer(scope, 201, await writer.CreateAsync(scope, applied, cancellationToken, ownersAreKnown: true));
                }
                var written = await writer.UpdateAsync(scope, mode with { OwnersAreKnown = true }, (current, copy) =>
                {
                    var applied = Apply(scope, configuration, copy());
                    CheckRevision(scope, ObjectMetadata.Of(applied), current);
                    return applied;
                }, cancellationToken);
                return Answer(scope, 200, written);
            }
            catch (StatusException raced) when (mode.IsWhole && IsRace(raced, scope))
            {
                // Between the look and the write somebody created it, or deleted it.
            }
        }
    }

    /// <returns>The object in the stored version.</returns>
    private JsonObject Apply(RequestScope scope, AppliedConfiguration configuration, JsonObject stored)
    {
        var served = stored.Count > 0 && scope.Version.Converter is { } converter ? converter.FromStorage(stored) : stored;
        var merged = configuration.ApplyTo(served, (live, document) => writer.Ownership.Apply(scope, live, document));
        var obj = Decode(scope, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(merged, JsonDocuments.CompactJson));
        CheckIdentity(scope, obj);
        return scope.Version.Converter is { } back ? back.ToStorage(obj) : obj;
    }

    private bool IsRace(StatusException refusal, RequestScope scope) => refusal.Reason switch
    {
        "AlreadyExists" => store.Snapshot.Get(scope.Key) is not null && refusal.Details?.GetString("name") == scope.Request.Name,
        "NotFound" => store.Snapshot.Get(scope.Key) is null && refusal.Details?.GetString("kind") == scope.Resource.Plural && refusal.Details.GetString("name") == scope.Request.Name,
        _ => false,
    };

    /// <exception cref="StatusException">409: the client saw an older state, or another object of that name.</exception>
    public static void CheckRevision(RequestScope scope, ObjectMetadata given, StoredObject current)
    {
        if (given.Uid.Length > 0 && given.Uid != current.Header.Uid)
        {
            throw StatusException.Conflict(scope.Resource, scope.Request.Name,
                $"Precondition failed: UID in precondition: {given.Uid}, UID in object meta: {current.Header.Uid}");
        }
        if (given.ResourceVersion is "" or "0") return;
        if (given.ResourceVersion != current.Revision.ToString(CultureInfo.InvariantCulture))
        {
            throw StatusException.Conflict(scope.Resource, scope.Request.Name, StatusException.ModifiedMessage);
        }
    }

    private static JsonObject Decode(RequestScope scope, byte[] patched)
    {
        var errors = new FieldErrors();
        try
        {
            var decoded = DocumentDecoder.Decode(patched, scope.Version.Schema);
            if (decoded.Faults.Count == 0) return decoded.Document;
            switch (scope.Options.FieldValidation)
            {
                case "Strict":
                    errors.Invalid("patch", Encoding.UTF8.GetString(patched), $"strict decoding error: {string.Join(", ", decoded.Faults)}");
                    break;
                case "Warn":
                    scope.Warnings.AddRange(decoded.Faults.Except(scope.Warnings));
                    return decoded.Document;
                default:
                    return decoded.Document;
            }
        }
        catch (DecodeException fault)
        {
            errors.Invalid("patch", Encoding.UTF8.GetString(patched), fault.Message);
        }
        throw StatusException.Invalid("", "", "", errors);
    }

    private static void CheckIdentity(RequestScope scope, JsonObject given)
    {
        var metadata = ObjectMetadata.Of(given);
        if (metadata.Name.Length > 0 && metadata.Name != scope.Request.Name)
        {
            throw StatusException.BadRequest($"the name of the object ({metadata.Name}) does not match the name on the URL ({scope.Request.Name})");
        }
        if (metadata.Namespace.Length > 0 && metadata.Namespace != scope.Request.Namespace)
        {
            throw StatusException.BadRequest($"the namespace of the object ({metadata.Namespace}) does not match the namespace on the URL ({scope.Request.Namespace})");
        }
        metadata.Name = scope.Request.Name;
        metadata.Namespace = scope.Request.Namespace;
    }

    public static ApiResponse Answer(RequestScope scope, int statusCode, Written written) =>
        scope.Respond(statusCode, written.Stored is { } stored ? scope.Encode(stored) : scope.Encode(written.Document));
}
