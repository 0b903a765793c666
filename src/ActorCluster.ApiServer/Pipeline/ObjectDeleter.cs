using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Deletions: at once, after a grace period, or when the last finalizer is gone (apiserver/pkg/registry/rest/delete.go).</summary>
internal sealed class ObjectDeleter(IObjectStore store, ObjectWriter writer)
{
    /// <exception cref="StatusException">404, a precondition that doesn't hold, or a refusal.</exception>
    public async Task<ApiResponse> DeleteAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var options = DeletionOptions.Read(scope.Request);
        while (true)
        {
            var current = store.Snapshot.Get(scope.Key) ?? throw scope.NotFound();
            options.Check(scope, current);
            var obj = ObjectEncoder.Decode(current);
            if (scope.Strategy.RefuseDeletion(obj) is { } why) throw StatusException.Forbidden(scope.Resource, scope.Request.Name, why);
            writer.AdmitDeletion(scope, obj);
            var step = Decide(scope.Strategy, obj, options);
            if (options.DryRun || step == Step.Nothing) return Answer(scope, obj, step == Step.Remove, options.DryRun ? null : current);
            if (step == Step.Remove)
            {
                if (await writer.TryRemoveAsync(scope, current, obj, cancellationToken) is { } gone) return Answer(scope, obj, removed: true, gone);
            }
            else if (await writer.TryReplaceAsync(scope.Definition, current, obj, cancellationToken) is { } marked)
            {
                return Answer(scope, obj, removed: false, marked);
            }
        }
    }

    /// <summary>Deletes all that the selectors select; those that vanish meanwhile are no failure.</summary>
    public async Task<ApiResponse> DeleteCollectionAsync(RequestScope scope, ObjectList list, CancellationToken cancellationToken)
    {
        foreach (var item in list.Items)
        {
            var one = scope with { Request = scope.Request with { Verb = ApiVerb.Delete, Namespace = item.Key.Namespace, Name = item.Key.Name } };
            try
            {
                await DeleteAsync(one, cancellationToken);
            }
            catch (StatusException gone) when (gone.Code == 404)
            {
                // Someone else was faster.
            }
        }
        return scope.Respond(200, list.ToBytes());
    }

    private enum Step
    {
        /// <summary>The object goes now.</summary>
        Remove,

        /// <summary>It is marked, or its mark changes.</summary>
        Mark,

        /// <summary>It is on its way already.</summary>
        Nothing,
    }

    private Step Decide(ResourceStrategy strategy, JsonObject obj, DeletionOptions options)
    {
        var metadata = ObjectMetadata.Of(obj);
        var finalizersChanged = SetPropagation(metadata, options.Propagation ?? DefaultPropagation(strategy, metadata));
        if (metadata.IsDeleting)
        {
            var left = metadata.DeletionGracePeriodSeconds ?? 0;
            if (left > 0)
            {
                if (options.GracePeriodSeconds is not { } shorter || shorter >= left) return finalizersChanged ? Step.Mark : Step.Nothing;
                var asked = ObjectMetadata.ParseTime(metadata.DeletionTimestamp)!.Value.AddSeconds(-left);
                metadata.DeletionTimestamp = ObjectMetadata.FormatTime(asked.AddSeconds(Math.Max(0, shorter)));
                metadata.DeletionGracePeriodSeconds = Math.Max(0, shorter);
                if (shorter > 0 || strategy.IsHeld(obj)) return Step.Mark;
                return Step.Remove;
            }
            if (strategy.IsHeld(obj)) return finalizersChanged ? Step.Mark : Step.Nothing;
            return Step.Remove;
        }

        var grace = strategy.GracePeriodSeconds(obj, options.GracePeriodSeconds) ?? 0;
        if (grace <= 0 && !strategy.IsHeld(obj)) return Step.Remove;
        metadata.DeletionTimestamp = ObjectMetadata.FormatTime(writer.Time.AddSeconds(grace));
        metadata.DeletionGracePeriodSeconds = grace;
        if (metadata.Generation > 0) metadata.Generation++;
        strategy.OnDeletionStarted(obj);
        return Step.Mark;
    }

    /// <summary>What is meant by nothing (shouldOrphanDependents in apiserver/pkg/registry/generic/registry/store.go): the finalizers that are there count first.</summary>
    private static string? DefaultPropagation(ResourceStrategy strategy, ObjectMetadata metadata) =>
        strategy.OrphansByDefault && !metadata.Finalizers.Any(f => f is MetadataValidation.OrphanFinalizer or MetadataValidation.ForegroundFinalizer) ? "Orphan" : null;

    /// <summary>Tells the garbage collector by a finalizer what becomes of the dependents.</summary>
    private static bool SetPropagation(ObjectMetadata metadata, string? propagation)
    {
        var before = metadata.Finalizers.ToList();
        var after = before.ToList();
        switch (propagation)
        {
            case "Orphan":
                after.Remove(MetadataValidation.ForegroundFinalizer);
                if (!after.Contains(MetadataValidation.OrphanFinalizer)) after.Add(MetadataValidation.OrphanFinalizer);
                break;
            case "Foreground":
                after.Remove(MetadataValidation.OrphanFinalizer);
                if (!after.Contains(MetadataValidation.ForegroundFinalizer)) after.Add(MetadataValidation.ForegroundFinalizer);
                break;
            case "Background":
                after.Remove(MetadataValidation.OrphanFinalizer);
                after.Remove(MetadataValidation.ForegroundFinalizer);
                break;
        }
        if (after.SequenceEqual(before)) return false;
        metadata.SetFinalizers(after);
        return true;
    }

    private static ApiResponse Answer(RequestScope scope, JsonObject obj, bool removed, StoredObject? stored)
    {
        if (!removed || scope.Strategy.ReturnsDeletedObject)
        {
            return scope.Respond(200, stored is null ? scope.Encode(obj) : scope.Encode(stored));
        }
        var details = new JsonObject { ["name"] = scope.Request.Name };
        if (scope.Resource.Group.Length > 0) details["group"] = scope.Resource.Group;
        details["kind"] = scope.Resource.Plural;
        details["uid"] = ObjectMetadata.Of(obj).Uid;
        return scope.Respond(200, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        }, JsonDocuments.CompactJson));
    }
}

/// <summary>metav1.DeleteOptions, from the body and the query.</summary>
internal sealed record DeletionOptions(long? GracePeriodSeconds, string? Propagation, string? Uid, string? ResourceVersion, bool DryRun)
{
    /// <exception cref="StatusException">Options that can't be read or contradict each other.</exception>
    public static DeletionOptions Read(ApiRequest request)
    {
        var options = request.EffectiveOptions;
        var body = request.Body.IsEmpty ? null : BodyDecoder.DecodeAny(request.Body.Span, "DeleteOptions") as JsonObject
            ?? throw StatusException.BadRequest("couldn't decode the body as DeleteOptions");
        var propagation = options.PropagationPolicy ?? body?.GetString("propagationPolicy");
        var errors = new FieldErrors();
        if (body?.GetBoolean("orphanDependents") is { } orphan)
        {
            if (propagation is not null) errors.Invalid("propagationPolicy", propagation, "orphanDependents and deletionPropagation cannot be both set");
            propagation = orphan ? "Orphan" : "Background";
        }
        if (propagation is not (null or "" or "Background" or "Foreground" or "Orphan"))
        {
            errors.NotSupported("propagationPolicy", propagation, "Foreground", "Background", "Orphan", "nil");
        }
        if (errors.Count > 0) throw StatusException.Invalid("", "DeleteOptions", "", errors);
        return new DeletionOptions(
            options.GracePeriodSeconds ?? body?.GetInteger("gracePeriodSeconds"),
            string.IsNullOrEmpty(propagation) ? null : propagation,
            options.PreconditionUid ?? body.TextAt("preconditions", "uid"),
            options.PreconditionResourceVersion ?? body.TextAt("preconditions", "resourceVersion"),
            options.DryRun || body.GetStrings("dryRun").Contains("All"));
    }

    /// <exception cref="StatusException">409: a precondition doesn't hold.</exception>
    public void Check(RequestScope scope, StoredObject current)
    {
        if (!string.IsNullOrEmpty(Uid) && Uid != current.Header.Uid)
        {
            throw StatusException.Conflict(scope.Resource, scope.Request.Name,
                $"Precondition failed: UID in precondition: {Uid}, UID in object meta: {current.Header.Uid}");
        }
        var actual = current.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(ResourceVersion) && ResourceVersion != actual)
        {
            throw StatusException.Conflict(scope.Resource, scope.Request.Name,
                $"Precondition failed: ResourceVersion in precondition: {ResourceVersion}, ResourceVersion in object meta: {actual}");
        }
    }
}
