using ActorCluster.Api.Allocation;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.Controllers.ServiceCidrs;

/// <summary>Questions about the ServiceCIDRs there are (pkg/api/servicecidr).</summary>
internal sealed class ServiceRanges(Informer<V1ServiceCIDR> cidrs)
{
    public IEnumerable<V1ServiceCIDR> Containing(IpNumber address) => cidrs.List().Where(cidr => Of(cidr).Any(range => range.Contains(address)));

    public IEnumerable<V1ServiceCIDR> Covering(AddressRange inner) => cidrs.List().Where(cidr => Of(cidr).Any(range => range.Covers(inner)));

    public static IEnumerable<AddressRange> Of(V1ServiceCIDR cidr) => (cidr.Spec?.Cidrs ?? []).Select(AddressRange.Parse).OfType<AddressRange>();

    /// <summary>Whether an address of the ServiceCIDR would be left outside of all ranges by its going.</summary>
    public bool Strands(V1ServiceCIDR cidr, IEnumerable<V1IPAddress> addresses)
    {
        if (Of(cidr).All(range => Covering(range).Any(other => other.Metadata.Name != cidr.Metadata.Name))) return false;
        return addresses.Where(IsOfService).Select(address => IpNumber.Parse(address.Metadata.Name)).OfType<IpNumber>()
            .Any(address => Containing(address).ToList() is [var only] && only.Metadata.Name == cidr.Metadata.Name);
    }

    /// <summary>Whether the API server keeps the IPAddress for a Service; others are their makers' business.</summary>
    public static bool IsOfService(V1IPAddress address) => address.Metadata.Labels?.TryGetValue(AllocatedAddress.ManagedByLabel, out var keeper) == true && keeper == AllocatedAddress.Allocator;
}
