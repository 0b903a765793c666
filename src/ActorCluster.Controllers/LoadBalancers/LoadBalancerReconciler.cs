using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.LoadBalancers;

/// <summary>
/// Gives services of type LoadBalancer an address of each of their families from a pool and takes them back, as a cloud's controller does (k8s.io/cloud-provider,
/// controllers/service). A service with a loadBalancerClass is somebody else's. Keys are "ns/name" of services.
/// </summary>
/// <remarks>Which addresses are taken is read off the services at start, before any is handed out.</remarks>
internal sealed class LoadBalancerReconciler : IReconciler
{
    public const string Finalizer = "service.kubernetes.io/load-balancer-cleanup";
    private static readonly TimeSpan FailureRetry = TimeSpan.FromSeconds(5);

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1Service> _services;
    private readonly LoadBalancerPool _pool;
    private readonly Lock _lock = new();

    public LoadBalancerReconciler(ControllerServices services)
    {
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _services = services.Informers.Of<V1Service>();
        _pool = new LoadBalancerPool(services.Options.LoadBalancerCidr, services.Options.LoadBalancerCidrV6);
    }

    public string Name => "service-controller";

    public void Attach(IReconcileQueue queue) => _services.Changed += (before, after) =>
    {
        lock (_lock)
        {
            if (before is not null && before.Metadata.Uid != after?.Metadata.Uid) _pool.Release(before.Metadata.Uid);
            if (after is null) return;
            if (WantsBalancer(after) && AddressesOf(after) is [var address, ..]) _pool.Occupy(address, after.Metadata.Uid);
            // One whose type changed between our taking an address for it and our writing it down: nothing is left to clean up but this.
            else if (!WantsBalancer(after) && !HasFinalizer(after)) _pool.Release(after.Metadata.Uid);
        }
        if (WantsBalancer(after) || HasFinalizer(after)) queue.Add(ObjectNames.Join(after.Metadata.NamespaceProperty, after.Metadata.Name));
    };

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_services.Get(ns, name) is not { } service) return ReconcileResult.Done;
        if (service.Metadata.DeletionTimestamp is null && WantsBalancer(service)) return await EnsureAsync(service, cancellationToken);
        // One that was given a class after it had an address of ours is still ours to clean up.
        if (HasFinalizer(service)) await CleanUpAsync(service, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> EnsureAsync(V1Service service, CancellationToken cancellationToken)
    {
        var present = AddressesOf(service);
        // Addresses that somebody else wrote there are left: it is their balancer then.
        if (HasFinalizer(service) && present.Count > 0 && (FamiliesOf(service).SequenceEqual(present.Select(IsV4)) || !IsOurs(present, service))) return ReconcileResult.Done;
        _events.Record(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
        if (!HasFinalizer(service))
        {
            if (await WriteAsync(service, FinalizersPatch([.. service.Metadata.Finalizers ?? [], Finalizer]), "", cancellationToken) is not { } marked) return ReconcileResult.Done;
            service = marked;
        }
        if (present.Count == 0 || !FamiliesOf(service).SequenceEqual(present.Select(IsV4)))
        {
            if (Allocate(service) is not { } addresses)
            {
                _events.Record(service, "Warning", "SyncLoadBalancerFailed", $"Error syncing load balancer: failed to ensure load balancer: {Failure(service)}");
                return ReconcileResult.After(FailureRetry);
            }
            await WriteAsync(service, StatusPatch(new JsonArray([.. addresses.Select(address => new JsonObject { ["ip"] = address, ["ipMode"] = "VIP" })])), "status", cancellationToken);
        }
        _events.Record(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
        return ReconcileResult.Done;
    }

    private async Task CleanUpAsync(V1Service service, CancellationToken cancellationToken)
    {
        _events.Record(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
        if (AddressesOf(service).Count > 0)
        {
            if (await WriteAsync(service, StatusPatch(null), "status", cancellationToken) is not { } cleared) return;
            service = cleared;
        }
        // Not before: while the status has the address, it is this service's. Not after: who sees the finalizer gone may have the address.
        lock (_lock) _pool.Release(service.Metadata.Uid);
        await WriteAsync(service, FinalizersPatch([.. (service.Metadata.Finalizers ?? []).Where(finalizer => finalizer != Finalizer)]), "", cancellationToken);
        _events.Record(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
    }

    /// <returns>An address for each of the service's families, in their order; null if they can't be had.</returns>
    private List<string>? Allocate(V1Service service)
    {
        lock (_lock)
        {
            var families = FamiliesOf(service);
            if (service.Spec.LoadBalancerIP is { Length: > 0 } asked && !(families.Contains(IsV4(asked)) && _pool.Occupy(asked, service.Metadata.Uid))) return null;
            List<string> addresses = [.. families.Select(v4 => _pool.Allocate(service.Metadata.Uid, v4)).OfType<string>()];
            return addresses.Count == families.Count ? addresses : null;
        }
    }

    /// <summary>Whether the addresses in a service's status are those of the place that it has in the pool.</summary>
    private bool IsOurs(List<string> present, V1Service service)
    {
        lock (_lock) return present.TrueForAll(address => _pool.Occupy(address, service.Metadata.Uid));
    }

    private static string Failure(V1Service service) => string.IsNullOrEmpty(service.Spec.LoadBalancerIP)
        ? "no address is left in the pool"
        : $"address {service.Spec.LoadBalancerIP} is taken, or not one of the pool's";

    // Refused (409) if the service has changed meanwhile; then this key is tried again.
    private Task<V1Service?> WriteAsync(V1Service service, JsonObject patch, string subresource, CancellationToken cancellationToken)
    {
        var metadata = patch["metadata"] as JsonObject ?? [];
        metadata["uid"] = service.Metadata.Uid;
        metadata["resourceVersion"] = service.Metadata.ResourceVersion;
        patch["metadata"] = metadata;
        return _client.PatchAsync<V1Service>(service.Metadata.NamespaceProperty, service.Metadata.Name, patch, subresource, ct: cancellationToken);
    }

    private static JsonObject FinalizersPatch(string[] finalizers) =>
        new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray([.. finalizers.Distinct().Select(finalizer => (JsonNode)finalizer)]) } };

    private static JsonObject StatusPatch(JsonArray? ingress) => new() { ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = ingress } } };

    private static bool WantsBalancer(V1Service service) => service.Spec.Type == "LoadBalancer" && service.Spec.LoadBalancerClass is null;

    private static bool HasFinalizer(V1Service service) => service.Metadata.Finalizers?.Contains(Finalizer) == true;

    private static List<string> AddressesOf(V1Service service) => [.. (service.Status?.LoadBalancer?.Ingress ?? []).Select(ingress => ingress.Ip).Where(ip => !string.IsNullOrEmpty(ip))];

    /// <summary>True for IPv4, in the order of spec.ipFamilies.</summary>
    private static List<bool> FamiliesOf(V1Service service) =>
        service.Spec.IpFamilies is { Count: > 0 } families ? [.. families.Select(family => family != "IPv6")] : [service.Spec.ClusterIP is null || IsV4(service.Spec.ClusterIP)];

    private static bool IsV4(string address) => !address.Contains(':', StringComparison.Ordinal);
}
