using ActorCluster.Api.Allocation;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.ServiceCidrs;

/// <summary>
/// Keeps one IPAddress for each address of a Service, and no other that says it is a Service's, whatever users do to either
/// (pkg/registry/core/service/ipallocator/controller/repairip.go). Keys are "ns/name" of Services, and addresses.
/// </summary>
/// <remarks>The API server writes both in one transaction, so that without a user's doing there is nothing to repair. The caches of the two
/// may be of different moments; whatever looks wrong is asked of the API again before anything is changed.</remarks>
internal sealed class ServiceAddressReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1Service> _services;
    private readonly Informer<V1IPAddress> _addresses;
    private readonly ServiceRanges _ranges;

    public ServiceAddressReconciler(ControllerServices services)
    {
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _services = services.Informers.Of<V1Service>();
        _addresses = services.Informers.Of<V1IPAddress>();
        _ranges = new ServiceRanges(services.Informers.Of<V1ServiceCIDR>());
    }

    public string Name => "ipallocator-repair-controller";

    public void Attach(IReconcileQueue queue)
    {
        _services.Changed += (_, after) =>
        {
            if (after is not null) queue.Add(ObjectNames.Join(after.Metadata.NamespaceProperty, after.Metadata.Name));
        };
        _addresses.Changed += (before, after) =>
        {
            if (after is not null) queue.Add(after.Metadata.Name);
            if (ParentOf(before) is { } old && ParentOf(after) != old) queue.Add(ObjectNames.Join(old.Namespace, old.Name));
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (IpNumber.Parse(key) is { } address) await CheckAddressAsync(address, cancellationToken);
        else await CheckServiceAsync(key, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task CheckServiceAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_services.Get(ns, name) is not { } service) return;
        foreach (var address in AddressesOf(service))
        {
            if (IsRight(_addresses.Get("", address.ToString()), service)) continue;
            if (await _client.GetAsync<V1Service>(ns, name, cancellationToken) is not { } current || !AddressesOf(current).Contains(address)) return;
            await RepairAsync(current, address, cancellationToken);
        }
    }

    private async Task RepairAsync(V1Service service, IpNumber address, CancellationToken cancellationToken)
    {
        if (!_ranges.Containing(address).Any())
        {
            _events.Record(service, "Warning", "ClusterIPOutOfRange", $"Cluster IP [{address.Family}]: {address} is not within any configured Service CIDR; please recreate service");
            return;
        }
        var found = await _client.GetAsync<V1IPAddress>("", address.ToString(), cancellationToken);
        if (IsRight(found, service)) return;
        if (found is null)
        {
            _events.Record(service, "Warning", "ClusterIPNotAllocated", $"Cluster IP [{address.Family}]: {address} is not allocated; repairing");
        }
        else
        {
            if (ParentOf(found) is { } other && await IsAddressOfAsync(other, address, cancellationToken) && other != (service.Metadata.NamespaceProperty, service.Metadata.Name))
            {
                _events.Record(service, "Warning", "ClusterIPAlreadyAllocated", $"Cluster IP [{address.Family}]:{address} was assigned to multiple services; please recreate service");
                return;
            }
            _events.Record(service, "Warning", "ClusterIPNotAllocated",
                $"the ClusterIP [{address.Family}]: {address} for Service {service.Metadata.NamespaceProperty}/{service.Metadata.Name} has a wrong reference; repairing");
            await _client.DeleteAsync<V1IPAddress>("", address.ToString(), new DeleteOptions { PreconditionUid = found.Metadata.Uid }, cancellationToken);
        }
        await _client.CreateAsync(Describe(address, service), cancellationToken);
    }

    private async Task CheckAddressAsync(IpNumber address, CancellationToken cancellationToken)
    {
        if (_addresses.Get("", address.ToString()) is not { } found || !ServiceRanges.IsOfService(found)) return;
        if (ParentOf(found) is { } parent)
        {
            if (_services.Get(parent.Namespace, parent.Name) is { } cached && AddressesOf(cached).Contains(address)) return;
            if (await IsAddressOfAsync(parent, address, cancellationToken)) return;
            _events.Record(found, "Warning", "IPAddressNotAllocated", $"IPAddress: {address} for Service {parent.Namespace}/{parent.Name} appears to have leaked: cleaning up");
        }
        else
        {
            _events.Record(found, "Warning", "IPAddressNotAllocated", $"IPAddress {address} appears to have been modified, not referencing a Service: cleaning up");
        }
        await _client.DeleteAsync<V1IPAddress>("", address.ToString(),
            new DeleteOptions { PreconditionUid = found.Metadata.Uid, PreconditionResourceVersion = found.Metadata.ResourceVersion }, cancellationToken);
    }

    private async Task<bool> IsAddressOfAsync((string Namespace, string Name) parent, IpNumber address, CancellationToken cancellationToken) =>
        await _client.GetAsync<V1Service>(parent.Namespace, parent.Name, cancellationToken) is { } service && AddressesOf(service).Contains(address);

    private static bool IsRight(V1IPAddress? address, V1Service service) =>
        address is not null && ParentOf(address) == (service.Metadata.NamespaceProperty, service.Metadata.Name) && ServiceRanges.IsOfService(address)
        && address.Metadata.Labels?.TryGetValue(AllocatedAddress.FamilyLabel, out var family) == true && family == IpNumber.Parse(address.Metadata.Name)?.Family;

    private static (string Namespace, string Name)? ParentOf(V1IPAddress? address) =>
        address?.Spec?.ParentRef is { Resource: "services" } parent && string.IsNullOrEmpty(parent.Group) ? (parent.NamespaceProperty ?? "", parent.Name ?? "") : null;

    private static HashSet<IpNumber> AddressesOf(V1Service service) => service.Spec?.Type == "ExternalName"
        ? []
        : [.. (service.Spec?.ClusterIPs ?? []).Select(IpNumber.Parse).OfType<IpNumber>()];

    private static V1IPAddress Describe(IpNumber address, V1Service service) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = address.ToString(),
            Labels = new Dictionary<string, string> { [AllocatedAddress.FamilyLabel] = address.Family, [AllocatedAddress.ManagedByLabel] = AllocatedAddress.Allocator },
        },
        Spec = new V1IPAddressSpec { ParentRef = new V1ParentReference { Resource = "services", NamespaceProperty = service.Metadata.NamespaceProperty, Name = service.Metadata.Name } },
    };
}
