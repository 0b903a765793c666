using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Reconciling;

namespace ActorCluster.Controllers.GarbageCollection;

/// <summary>Deletes what has lost its owners, and lets owners go that wait for their dependents (pkg/controller/garbagecollector). Keys are uids.</summary>
internal sealed class GarbageCollectorReconciler(ControllerServices services, MetadataInformers informers) : IReconciler
{
    /// <summary>How long to wait before an owner of a kind that nobody serves is looked for again.</summary>
    private static readonly TimeSpan UnknownKindRetry = TimeSpan.FromSeconds(30);

    private readonly MetadataClient _client = new(services.Api, "system:serviceaccount:kube-system:generic-garbage-collector");
    private readonly DependencyGraph _graph = new();

    public string Name => "garbage-collector-controller";

    /// <summary>--concurrent-gc-syncs.</summary>
    public int Parallelism => 20;

    public void Attach(IReconcileQueue queue) => informers.Changed += (before, after) =>
    {
        foreach (var uid in _graph.Apply(before, after)) queue.Add(uid);
    };

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_graph.Find(key) is not { } known) return ReconcileResult.Done;
        // The graph may be behind: deletions are decided on the object as it is.
        var item = await _client.GetAsync(known.Key, cancellationToken);
        if (item is null || item.Uid != key) return ReconcileResult.Done;
        if (item.OrphansDependents) return await OrphanDependentsAsync(item, cancellationToken);
        if (item.WaitsForDependents) return await DeleteDependentsAsync(item, cancellationToken);
        if (item.Deleting || item.Owners.IsEmpty) return ReconcileResult.Done;

        var (states, unknownKind) = await LookAtOwnersAsync(item, cancellationToken);
        switch (GarbageVerdict.Of(item, states, _graph.DependentsOf(key).Count > 0))
        {
            case GarbageVerdict.DropOwners drop:
                await SetOwnersAsync(item, drop.Remaining.Select(owner => owner.Uid).ToHashSet(), cancellationToken);
                break;
            case GarbageVerdict.Delete delete:
                if (delete.Propagation == "Foreground" && _graph.DependentsOf(key).Any(dependent => dependent.WaitsForDependents)) item = await OpenCircleAsync(item, cancellationToken);
                if (item is not null) await _client.DeleteAsync(item, delete.Propagation, cancellationToken);
                break;
        }

        return unknownKind ? ReconcileResult.After(UnknownKindRetry) : ReconcileResult.Done;
    }

    /// <summary>What waits for this object is among what this object would wait for: it may not hold its owners up (attemptToDeleteItem's detection of circles).</summary>
    /// <returns>The object as it is then; null if it is gone.</returns>
    private async Task<ObjectMetadata?> OpenCircleAsync(ObjectMetadata item, CancellationToken cancellationToken)
    {
        if (item.Owners.All(owner => !owner.BlockOwnerDeletion)) return item;
        var owners = new JsonArray([.. item.Owners.Select(owner => (JsonNode?)(owner with { BlockOwnerDeletion = false }).ToJson())]);
        if (!await _client.PatchMetadataAsync(item, new JsonObject { ["ownerReferences"] = owners }, cancellationToken)) return null;
        return await _client.GetAsync(item.Key, cancellationToken) is { } now && now.Uid == item.Uid ? now : null;
    }

    private async Task<(OwnerState[] States, bool UnknownKind)> LookAtOwnersAsync(ObjectMetadata item, CancellationToken cancellationToken)
    {
        var states = new OwnerState[item.Owners.Length];
        var unknown = false;
        for (var i = 0; i < states.Length; i++)
        {
            var owner = item.Owners[i];
            if (informers.ResourceOf(owner.Group, owner.Kind) is not { } resource)
            {
                (states[i], unknown) = (OwnerState.Solid, true);
                continue;
            }

            var namespaced = services.Options.Registry.Find(resource)?.Namespaced != false;
            // A cluster-scoped object can't have an owner in a namespace; such a reference can't be resolved.
            if (namespaced && item.Key.Namespace.Length == 0) continue;
            var found = await _client.GetAsync(new ObjectKey(resource, namespaced ? item.Key.Namespace : "", owner.Name), cancellationToken);
            states[i] = found is null || found.Uid != owner.Uid ? OwnerState.Absent : found.WaitsForDependents ? OwnerState.Waiting : OwnerState.Solid;
        }

        return (states, unknown);
    }

    private async Task<ReconcileResult> DeleteDependentsAsync(ObjectMetadata owner, CancellationToken cancellationToken)
    {
        var blocking = _graph.DependentsOf(owner.Uid).Where(dependent => dependent.Owners.Any(o => o.Uid == owner.Uid && o.BlockOwnerDeletion)).ToList();
        if (blocking.Count == 0)
        {
            await RemoveFinalizerAsync(owner, ObjectMetadata.ForegroundFinalizer, cancellationToken);
            return ReconcileResult.Done;
        }

        // Each is judged on its own, as it may have other owners. The owner comes back when one of them is gone.
        foreach (var dependent in blocking.Where(dependent => !dependent.Deleting)) await ReconcileAsync(dependent.Uid, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> OrphanDependentsAsync(ObjectMetadata owner, CancellationToken cancellationToken)
    {
        foreach (var dependent in _graph.DependentsOf(owner.Uid))
        {
            if (await _client.GetAsync(dependent.Key, cancellationToken) is not { } fresh || fresh.Uid != dependent.Uid) continue;
            if (fresh.Owners.Any(o => o.Uid == owner.Uid))
                await SetOwnersAsync(fresh, fresh.Owners.Where(o => o.Uid != owner.Uid).Select(o => o.Uid).ToHashSet(), cancellationToken);
        }

        await RemoveFinalizerAsync(owner, ObjectMetadata.OrphanFinalizer, cancellationToken);
        return ReconcileResult.Done;
    }

    /// <summary>Leaves only those owners.</summary>
    private Task<bool> SetOwnersAsync(ObjectMetadata item, HashSet<string> remaining, CancellationToken cancellationToken)
    {
        var owners = new JsonArray();
        foreach (var owner in item.Owners.Where(owner => remaining.Contains(owner.Uid))) owners.Add(owner.ToJson());
        return _client.PatchMetadataAsync(item, new JsonObject { ["ownerReferences"] = owners }, cancellationToken);
    }

    private Task<bool> RemoveFinalizerAsync(ObjectMetadata item, string finalizer, CancellationToken cancellationToken)
    {
        var left = new JsonArray([.. item.Finalizers.Where(name => name != finalizer).Select(name => (JsonNode?)name)]);
        return _client.PatchMetadataAsync(item, new JsonObject { ["finalizers"] = left }, cancellationToken);
    }
}
