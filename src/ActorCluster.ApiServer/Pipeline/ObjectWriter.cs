using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.ManagedFields;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using ActorCluster.ApiServer.Admission;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>What came of a write: the object as it is now stored (or, for a dry run, would be) and whether it is gone.</summary>
internal readonly record struct Written(StoredObject? Stored, JsonObject Document, bool Removed);

/// <summary>Default, admit, validate, commit: the way of every object into the store.</summary>
/// <param name="admissions">Those that complete an object, and what goes with that.</param>
/// <param name="validations">Those that only refuse: they see objects that are complete and valid (upstream's validating admission).</param>
internal sealed class ObjectWriter(
    IObjectStore store, ResourceRegistry registry, IReadOnlyList<IAdmission> admissions, IReadOnlyList<IAdmission> validations, SimulationContext simulation)
{
    private const int GeneratedNameAttempts = 8;
    private const int MaxGeneratedNameLength = 63 - 5;
    private readonly RandomSource _random = simulation.Random.Child("api-server");

    /// <summary>Who owns which field of what is written.</summary>
    public OwnershipKeeper Ownership { get; } = new(registry, () => ObjectMetadata.FormatTime(simulation.Clock.GetUtcNow()));

    /// <summary>RFC 3339 text of now.</summary>
    public string Now => ObjectMetadata.FormatTime(simulation.Clock.GetUtcNow());

    public DateTimeOffset Time => simulation.Clock.GetUtcNow();

    /// <summary>Creates what the request's body says.</summary>
    /// <exception cref="StatusException">Refused.</exception>
    public Task<Written> CreateAsync(RequestScope scope, CancellationToken cancellationToken) => CreateAsync(scope, scope.DecodeBody, false, cancellationToken);

    /// <param name="ownersAreKnown">The object says itself who owns its fields (it was applied).</param>
    /// <exception cref="StatusException">Refused.</exception>
    public Task<Written> CreateAsync(RequestScope scope, JsonObject body, CancellationToken cancellationToken, bool ownersAreKnown = false) =>
        CreateAsync(scope, () => (JsonObject)body.DeepClone(), ownersAreKnown, cancellationToken);

    /// <param name="body">Makes one of its own for each try, which completes it: what one puts in is no wish of the client's to the next.</param>
    private async Task<Written> CreateAsync(RequestScope scope, Func<JsonObject> body, bool ownersAreKnown, CancellationToken cancellationToken)
    {
        var first = body();
        if (scope.Definition.RefusesCreation is { } why) throw StatusException.Other(405, "MethodNotAllowed", why);
        SetNamespace(scope, first);
        var given = ObjectMetadata.Of(first);
        if (given.ResourceVersion is not ("" or "0")) throw StatusException.BadRequest("resourceVersion should not be set on objects to be created");
        var (name, prefix) = (given.Name, given.GenerateName);
        var generated = name.Length == 0 && prefix.Length > 0;
        JsonObject? unused = first;
        for (var attempt = 1; ; attempt++)
        {
            if (generated) name = prefix[..Math.Min(prefix.Length, MaxGeneratedNameLength)] + _random.NextSuffix();
            if (await TryCreateAsync(scope, Next, name, ownersAreKnown, cancellationToken) is { } written) return written;
            if (!generated) throw StatusException.AlreadyExists(scope.Resource, name);
            if (attempt == GeneratedNameAttempts) throw StatusException.GenerateNameConflict(scope.Resource, name);
        }

        JsonObject Next()
        {
            var next = unused ?? body();
            if (unused is null) SetNamespace(scope, next);
            unused = null;
            return next;
        }
    }

    private async Task<Written?> TryCreateAsync(RequestScope scope, Func<JsonObject> next, string name, bool ownersAreKnown, CancellationToken cancellationToken)
    {
        while (true)
        {
            var obj = next();
            if (name.Length > 0) ObjectMetadata.Of(obj).Name = name;
            var (written, isInTheWay) = await CreateOnceAsync(scope, obj, ownersAreKnown, cancellationToken);
            if (!isInTheWay) return written;
        }
    }

    /// <returns>Nothing written: the object exists, or what is written with it is in the way and admission may choose anew.</returns>
    private async Task<(Written? Written, bool CompanionInTheWay)> CreateOnceAsync(RequestScope scope, JsonObject obj, bool ownersAreKnown, CancellationToken cancellationToken)
    {
        var definition = scope.Definition;
        var strategy = scope.Strategy;
        var metadata = ObjectMetadata.Of(obj);
        metadata.Uid = _random.NextGuid().ToString();
        metadata.CreationTimestamp = Now;
        metadata.DeletionTimestamp = "";
        metadata.DeletionGracePeriodSeconds = null;
        metadata.ResourceVersion = "";
        metadata.Generation = strategy.CountsGenerations ? 1 : 0;
        metadata.Json.Remove("selfLink");

        var key = new ObjectKey(definition.Storage, metadata.Namespace, metadata.Name);
        var outcome = new WriteOutcome();
        try
        {
            strategy.ApplyDefaults(obj);
            if (!ownersAreKnown) Ownership.RecordCreation(scope, obj);
            strategy.PrepareForCreate(obj);
            Admit(AdmissionOperation.Create, scope, obj, null, outcome);
            var errors = new FieldErrors();
            MetadataValidation.Validate(obj, definition.Namespaced, strategy.NameFaults, errors);
            strategy.Validate(obj, errors);
            strategy.ValidateCreate(obj, errors);
            Check(scope, metadata.Name, errors);
            Admit(validations, AdmissionOperation.Create, scope, obj, null, outcome);
            Warn(scope, obj);
            if (scope.Options.DryRun)
            {
                return (store.Snapshot.Get(key) is null ? new Written(null, obj, false) : null, false);
            }
            var result = await store.CommitAsync([Put(definition, key, 0, obj), .. outcome.Companions], cancellationToken);
            if (result is CommitResult.Conflict conflict && conflict.Key != key)
            {
                outcome.Retry();
                return (null, true);
            }
            if (result is not CommitResult.Committed committed) return (null, false);
            outcome.Commit();
            return (new Written(committed.Objects[0], obj, false), false);
        }
        finally
        {
            outcome.Abandon();
        }
    }

    /// <summary>
    /// Reads the object, lets <paramref name="change"/> make the new one of a private copy, and commits it; again from the start when
    /// another writer came first.
    /// </summary>
    /// <param name="change">Gets the stored object and what makes a copy of it to change; gives the object to write, each time one of its own. Throws to refuse.</param>
    /// <param name="mode">Which parts may change, and how they are checked.</param>
    /// <exception cref="StatusException">Refused, or 404.</exception>
    public async Task<Written> UpdateAsync(
        RequestScope scope, UpdateMode mode, Func<StoredObject, Func<JsonObject>, JsonObject> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = store.Snapshot.Get(scope.Key) ?? throw scope.NotFound();
            var old = scope.Read(current);
            var obj = change(current, () => scope.Read(current));
            var outcome = new WriteOutcome();
            try
            {
                Prepare(scope, mode, obj, old, outcome);
                OwnershipTimes.Revert(obj, old);
                if (scope.Options.DryRun) return new Written(null, obj, false);
                if (MayGoNow(scope.Strategy, obj))
                {
                    // What the update would have taken isn't needed any more; what goes is what was stored.
                    outcome.Abandon();
                    outcome = new WriteOutcome();
                    Admit(AdmissionOperation.Delete, scope, old, old, outcome);
                    var removed = await store.CommitAsync([new Mutation.Delete(current.Key, current.Revision), .. outcome.Companions], cancellationToken);
                    if (removed is not CommitResult.Committed gone) continue;
                    outcome.Commit();
                    return new Written(gone.Objects[0], obj, true);
                }
                if (obj.SameAs(old))
                {
                    // Nothing changed, nothing is written: as upstream, so that a controller that writes what is there starts no loop.
                    outcome.Commit();
                    return new Written(current, obj, false);
                }
                var result = await store.CommitAsync([Put(scope.Definition, current.Key, current.Revision, obj), .. outcome.Companions], cancellationToken);
                if (result is not CommitResult.Committed committed) continue;
                outcome.Commit();
                return new Written(committed.Objects[0], obj, false);
            }
            finally
            {
                outcome.Abandon();
            }
        }
    }

    /// <summary>Takes a patch that only renews heartbeats, of the object or of its status's conditions, the short way.</summary>
    /// <returns>Null: it isn't that simple, or another writer came first.</returns>
    public async Task<StoredObject?> TryRenewAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var ofStatus = scope.Request.Subresource.Length > 0;
        if ((ofStatus ? scope.Strategy.ConditionHeartbeat : scope.Strategy.Heartbeat) is null || store.Snapshot.Get(scope.Key) is not { } current) return null;
        var manager = OwnershipKeeper.NameOf(scope);
        if ((ofStatus ? ConditionRenewal.TryApply(scope, current, manager, Now) : HeartbeatRenewal.TryApply(scope, current, manager, Now)) is not { } renewed) return null;
        var result = await store.CommitAsync([new Mutation.Put(current.Key, current.Revision, current.Header, renewed.Json) { Renewal = renewed.Renewal }], cancellationToken);
        return result is CommitResult.Committed committed ? committed.Objects[0] : null;
    }

    /// <summary>Writes a document that the pipeline itself changed (deletion marks): no admission, no validation.</summary>
    /// <returns>Null when the object was no longer at that revision.</returns>
    public async Task<StoredObject?> TryReplaceAsync(ResourceDefinition definition, StoredObject current, JsonObject obj, CancellationToken cancellationToken) =>
        await store.CommitAsync([Put(definition, current.Key, current.Revision, obj)], cancellationToken) is CommitResult.Committed committed ? committed.Objects[0] : null;

    /// <returns>The last state; null when the object was no longer at that revision.</returns>
    public async Task<StoredObject?> TryRemoveAsync(RequestScope scope, StoredObject current, JsonObject obj, CancellationToken cancellationToken)
    {
        var outcome = new WriteOutcome();
        try
        {
            Admit(AdmissionOperation.Delete, scope, obj, obj, outcome);
            if (await store.CommitAsync([new Mutation.Delete(current.Key, current.Revision), .. outcome.Companions], cancellationToken) is not CommitResult.Committed committed) return null;
            outcome.Commit();
            return committed.Objects[0];
        }
        finally
        {
            outcome.Abandon();
        }
    }

    /// <summary>Lets admission refuse a deletion before anything is marked.</summary>
    public void AdmitDeletion(RequestScope scope, JsonObject obj)
    {
        var outcome = new WriteOutcome();
        Admit(AdmissionOperation.Delete, scope, obj, obj, outcome);
        outcome.Abandon();
    }

    private void Prepare(RequestScope scope, UpdateMode mode, JsonObject obj, JsonObject old, WriteOutcome outcome)
    {
        var strategy = scope.Strategy;
        var metadata = ObjectMetadata.Of(obj);
        var before = ObjectMetadata.Of(old);
        if (metadata.Uid.Length == 0) metadata.Uid = before.Uid;
        // What only the server sets stays as it is, whatever the client sent.
        foreach (var field in (ReadOnlySpan<string>)["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"])
        {
            metadata.Json.Put(field, before.Json[field]?.DeepClone());
        }
        if (metadata.Name.Length == 0) metadata.Name = before.Name;
        if (metadata.Namespace.Length == 0) metadata.Namespace = before.Namespace;
        metadata.Json.Remove("selfLink");
        // What identifies the type isn't the client's to change either.
        obj["kind"] = old["kind"]?.DeepClone();
        obj["apiVersion"] = old["apiVersion"]?.DeepClone();

        strategy.ApplyDefaults(obj);
        if (!mode.OwnersAreKnown) Ownership.RecordUpdate(scope, obj, old);
        mode.Prepare(strategy, obj, old);
        if (mode.IsWhole || mode.Part.Length > 0) Admit(admissions, AdmissionOperation.Update, scope, obj, old, outcome, mode.Part);
        if (mode.IsWhole)
        {
            if (strategy.CountsGenerations && !SameBesidesMetadata(obj, old, strategy.CountsStatusChanges)) metadata.Generation = before.Generation + 1;
        }

        var errors = new FieldErrors();
        MetadataValidation.Validate(obj, scope.Definition.Namespaced, strategy.NameFaults, errors);
        MetadataValidation.ValidateUpdate(obj, old, errors);
        mode.Validate(strategy, obj, old, errors);
        Check(scope, before.Name, errors);
        if (mode.IsWhole || mode.Part.Length > 0) Admit(validations, AdmissionOperation.Update, scope, obj, old, outcome, mode.Part);
        if (!mode.IsWhole) return;
        Warn(scope, obj);
    }

    /// <summary>A warning is given once, however many tries there are.</summary>
    private static void Warn(RequestScope scope, JsonObject obj) => scope.Warnings.AddRange(scope.Strategy.Warnings(obj).Except(scope.Warnings));

    private static bool SameBesidesMetadata(JsonObject obj, JsonObject old, bool withStatus) =>
        obj.Select(p => p.Key).Union(old.Select(p => p.Key)).All(k => k == "metadata" || (k == "status" && !withStatus) || obj[k].SameAs(old[k]));

    /// <summary>The last finalizer is gone, and nothing else holds an object whose deletion was asked for.</summary>
    private static bool MayGoNow(ResourceStrategy strategy, JsonObject obj)
    {
        var metadata = ObjectMetadata.Of(obj);
        return metadata.IsDeleting && metadata.DeletionGracePeriodSeconds is (null or 0) && !strategy.IsHeld(obj);
    }

    private void Admit(AdmissionOperation operation, RequestScope scope, JsonObject obj, JsonObject? old, WriteOutcome outcome) =>
        Admit(admissions, operation, scope, obj, old, outcome);

    private void Admit(IReadOnlyList<IAdmission> steps, AdmissionOperation operation, RequestScope scope, JsonObject obj, JsonObject? old, WriteOutcome outcome, string part = "")
    {
        var metadata = ObjectMetadata.Of(obj);
        var request = new AdmissionRequest(operation, scope.Definition, metadata.Namespace, metadata.Name, obj, old, store.Snapshot, outcome, scope.Options) { Part = part };
        foreach (var step in steps)
        {
            if (step.Handles(part)) step.Admit(request);
        }
    }

    /// <summary>An object to be created belongs to the namespace that the request names, or to none (upstream: registry/rest/meta.go, EnsureObjectNamespaceMatchesRequestNamespace).</summary>
    /// <exception cref="StatusException">It says otherwise.</exception>
    public static void SetNamespace(RequestScope scope, JsonObject body)
    {
        var metadata = ObjectMetadata.Of(body);
        if (!scope.Definition.Namespaced)
        {
            // "" as well: dynamic clients send it.
            metadata.Namespace = "";
            return;
        }
        var ns = scope.Request.Namespace;
        if (ns.Length == 0) ns = metadata.Namespace.Length == 0 ? "default" : metadata.Namespace;
        if (metadata.Namespace.Length > 0 && metadata.Namespace != ns)
        {
            throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata.Namespace = ns;
    }

    private static void Check(RequestScope scope, string name, FieldErrors errors)
    {
        if (errors.Count > 0) throw StatusException.Invalid(scope.Resource.Group, scope.Definition.Kind, name, errors);
    }

    private static Mutation.Put Put(ResourceDefinition definition, ObjectKey key, long expected, JsonObject obj) =>
        new(key, expected, ObjectEncoder.Header(definition, obj), ObjectEncoder.Encode(obj, definition.StorageApiVersion, definition.Kind));
}
