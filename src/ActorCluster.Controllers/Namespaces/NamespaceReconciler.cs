using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Namespaces;

/// <summary>Empties a namespace that is being deleted, pods first, and lets it go (pkg/controller/namespace/deletion). Keys are names.</summary>
internal sealed class NamespaceReconciler(ControllerServices services, MetadataInformers metadata) : IReconciler
{
    private const string Finalizer = "kubernetes";
    private static readonly ResourceName Pods = new("", "pods");

    /// <summary>Whatever is left (objects with finalizers of others) is looked at again after that time.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly KubeClient _client = services.ClientFor("namespace-controller");
    private readonly MetadataClient _objects = new(services.Api, "system:serviceaccount:kube-system:namespace-controller");
    private readonly Informer<V1Namespace> _namespaces = services.Informers.Of<V1Namespace>();

    /// <summary>Pods first: they may still need the secrets, config maps and services (KEP-5080).</summary>
    private List<ResourceName> Resources =>
        [.. services.Options.Registry.Stored.Where(definition => definition.Namespaced).Select(definition => definition.Name)
            .OrderByDescending(resource => resource == Pods).ThenBy(resource => resource)];

    public string Name => "namespace-controller";

    /// <summary>--concurrent-namespace-syncs.</summary>
    public int Parallelism => 10;

    public void Attach(IReconcileQueue queue)
    {
        _namespaces.Changed += (_, after) =>
        {
            if (after?.Metadata.DeletionTimestamp is not null) queue.Add(after.Metadata.Name);
        };
        // What is gone brings the namespace nearer to its end.
        metadata.Changed += (before, after) =>
        {
            if (after is null && before!.Key.Namespace.Length > 0 && _namespaces.Get("", before.Key.Namespace)?.Metadata.DeletionTimestamp is not null)
                queue.Add(before.Key.Namespace);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (await _client.GetAsync<V1Namespace>("", key, cancellationToken) is not { } ns) return ReconcileResult.Done;
        if (ns.Metadata.DeletionTimestamp is null || ns.Spec?.Finalizers?.Contains(Finalizer) != true) return ReconcileResult.Done;

        Dictionary<string, int> remaining = [], finalizers = [];
        List<string> failures = [];
        foreach (var resource in Resources)
        {
            try
            {
                foreach (var item in await EmptyAsync(resource, key, cancellationToken))
                {
                    remaining[resource.ToString()] = remaining.GetValueOrDefault(resource.ToString()) + 1;
                    foreach (var finalizer in item.Finalizers) finalizers[finalizer] = finalizers.GetValueOrDefault(finalizer) + 1;
                }
            }
            catch (ApiStatusException failure)
            {
                failures.Add($"unable to delete {resource}: {failure.Message}");
            }

            // Pods must be gone before anything that they may use.
            if (resource == Pods && remaining.Count > 0) break;
        }

        if (NamespaceConditions.Of(ns, remaining, finalizers, failures, services.Now) is { } conditions)
            ns = await _client.UpdateAsync(ns with { Status = (ns.Status ?? new V1NamespaceStatus()) with { Conditions = conditions } }, "status", cancellationToken);
        if (remaining.Count > 0 || failures.Count > 0) return ReconcileResult.After(Retry);
        await FinalizeAsync(ns, cancellationToken);
        return ReconcileResult.Done;
    }

    /// <summary>Deletes all of a resource's objects in the namespace.</summary>
    /// <returns>Those that are left: they have finalizers, or end gracefully.</returns>
    private async Task<IReadOnlyList<ObjectMetadata>> EmptyAsync(ResourceName resource, string ns, CancellationToken cancellationToken)
    {
        var items = await ListAsync(resource, ns, cancellationToken);
        if (items.Count == 0) return [];
        if (items.Any(item => !item.Deleting) && !await _objects.DeleteCollectionAsync(resource, ns, cancellationToken))
        {
            foreach (var item in items.Where(item => !item.Deleting)) await _objects.DeleteAsync(item, "Background", cancellationToken);
        }

        return await ListAsync(resource, ns, cancellationToken);
    }

    private async Task<IReadOnlyList<ObjectMetadata>> ListAsync(ResourceName resource, string ns, CancellationToken cancellationToken)
    {
        List<ObjectMetadata> items = [];
        string? next = null;
        do
        {
            MetadataPage page;
            try
            {
                page = await _objects.ListAsync(resource, ns, 500, next, cancellationToken);
            }
            catch (ApiStatusException notServed) when (notServed.Code is 404 or 405)
            {
                return [];
            }

            items.AddRange(page.Items);
            next = page.Continue;
        }
        while (!string.IsNullOrEmpty(next));
        return items;
    }

    private async Task FinalizeAsync(V1Namespace ns, CancellationToken cancellationToken)
    {
        List<string> left = [.. ns.Spec.Finalizers.Where(finalizer => finalizer != Finalizer)];
        await _client.UpdateAsync(ns with { Spec = ns.Spec with { Finalizers = left } }, "finalize", cancellationToken);
    }
}
