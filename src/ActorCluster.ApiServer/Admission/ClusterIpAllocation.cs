using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Allocation;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Admission;

/// <summary>Gives Services their cluster addresses, of the families that they are to have, from the ranges of the ServiceCIDRs.</summary>
/// <remarks>
/// pkg/registry/core/service/storage/alloc.go and ipallocator/cidrallocator.go. An address is taken if there is an IPAddress object of its
/// name, and that object is written and removed in the same transaction as the Service: nothing is kept in memory, nothing leaks, and of two
/// Services that reach for one address the second finds it taken and is tried again.
/// </remarks>
internal sealed class ClusterIpAllocation(ResourceRegistry registry, ServiceFamilies families, SimulationContext simulation) : IAdmission
{
    private static readonly ResourceName Services = new("", "services");
    private static readonly ResourceName Addresses = new("networking.k8s.io", "ipaddresses");
    private static readonly ResourceName Ranges = new("networking.k8s.io", "servicecidrs");
    private readonly RandomSource _random = simulation.Random.Child("service-addresses");

    public void Admit(AdmissionRequest request)
    {
        if (request.Definition.Name != Services) return;
        if (request.Operation == AdmissionOperation.Delete)
        {
            Release(request, AddressesOf(request.Object.Ensure("spec")));
            return;
        }
        var spec = request.Object.Ensure("spec");
        var before = request.Old?.Ensure("spec");
        var given = spec.DeepClone();
        request.Outcome.OnRetry(() => request.Object["spec"] = given);

        var errors = new FieldErrors();
        families.Complete(spec, before, errors);
        if (errors.Count > 0) throw StatusException.Invalid("", request.Definition.Kind, request.Name, errors);
        Allocate(request, spec, before);
        if (before is null) return;
        var now = AddressesOf(spec).ToHashSet();
        Release(request, AddressesOf(before).Where(address => !now.Contains(address)));
    }

    private void Allocate(AdmissionRequest request, JsonObject spec, JsonObject? before)
    {
        if (!ServiceStrategy.NeedsClusterIp(spec) || before?.GetString("clusterIP") == "None") return;
        var has = before is null || before.GetString("type") == "ExternalName" ? 0 : before.GetStrings("clusterIPs").Count();
        var wanted = spec.GetStrings("ipFamilies").ToList();
        var ips = spec.GetStrings("clusterIPs").ToList();
        while (ips.Count < wanted.Count) ips.Add("");
        spec["clusterIPs"] = JsonDocuments.ArrayOf([.. ips]);
        for (var i = has; i < ips.Count; i++)
        {
            var address = ips[i].Length == 0 ? Any(request, wanted[i]) : This(request, spec, ips[i]);
            ips[i] = ips[i].Length == 0 ? address.ToString() : ips[i];
            Take(request, address);
        }
        spec["clusterIPs"] = JsonDocuments.ArrayOf([.. ips]);
        if (ips.Count > 0) spec["clusterIP"] = ips[0];
    }

    private IpNumber Any(AdmissionRequest request, string family)
    {
        foreach (var range in ReadyRanges(request.Snapshot).Where(range => range.Family == family))
        {
            if (range.Find(address => IsFree(request.Snapshot, address), _random.Next) is { } address) return address;
        }
        throw StatusException.Internal($"failed to allocate a serviceIP for Service {FieldError.GoQuote(request.Name)}: range is full");
    }

    private static IpNumber This(AdmissionRequest request, JsonObject spec, string text)
    {
        var address = IpNumber.Parse(text);
        if (address is null || !ReadyRanges(request.Snapshot).Any(range => range.Contains(address.Value))) throw Refuse("the provided network does not match the current range");
        return IsFree(request.Snapshot, address.Value) ? address.Value : throw Refuse("provided IP is already allocated");

        StatusException Refuse(string why)
        {
            var errors = new FieldErrors();
            errors.Invalid("spec.clusterIPs", spec["clusterIPs"], $"failed to allocate IP {text}: {why}");
            return StatusException.Invalid("", request.Definition.Kind, request.Name, errors);
        }
    }

    private void Take(AdmissionRequest request, IpNumber address)
    {
        var definition = registry.Find(Addresses) ?? throw StatusException.Internal("the server has no resource for IP addresses");
        var obj = AllocatedAddress.Describe(address, request.Namespace, request.Name);
        var metadata = ObjectMetadata.Of(obj);
        metadata.Uid = _random.NextGuid().ToString();
        metadata.CreationTimestamp = ObjectMetadata.FormatTime(simulation.Clock.GetUtcNow());
        request.Outcome.Also(new Mutation.Put(
            Key(address), 0, ObjectEncoder.Header(definition, obj), ObjectEncoder.Encode(obj, definition.StorageApiVersion, definition.Kind)));
    }

    /// <summary>An address that someone else was given meanwhile, by hand, stays theirs.</summary>
    private static void Release(AdmissionRequest request, IEnumerable<IpNumber> addresses)
    {
        foreach (var address in addresses)
        {
            if (request.Snapshot.Get(Key(address)) is not { } stored || !IsOf(stored, request.Namespace, request.Name)) continue;
            request.Outcome.Also(new Mutation.Delete(stored.Key, stored.Revision));
        }
    }

    private static bool IsOf(StoredObject stored, string ns, string name) =>
        ObjectEncoder.Decode(stored).At("spec", "parentRef") is JsonObject parent && parent.GetString("resource") == "services" && (parent.GetString("group") ?? "").Length == 0
        && parent.GetString("namespace") == ns && parent.GetString("name") == name;

    private static bool IsFree(IStoreSnapshot snapshot, IpNumber address) => snapshot.Get(Key(address)) is null;

    private static ObjectKey Key(IpNumber address) => new(Addresses, "", address.ToString());

    private static IEnumerable<AddressRange> ReadyRanges(IStoreSnapshot snapshot)
    {
        foreach (var stored in snapshot.List(Ranges))
        {
            if (stored.Header.Deleting) continue;
            var range = ObjectEncoder.Decode(stored);
            if (!(range["status"] as JsonObject).GetObjects("conditions").Any(c => c.GetString("type") == "Ready" && c.GetString("status") == "True")) continue;
            foreach (var cidr in (range["spec"] as JsonObject).GetStrings("cidrs"))
            {
                if (AddressRange.Parse(cidr) is { } parsed) yield return parsed;
            }
        }
    }

    private static IEnumerable<IpNumber> AddressesOf(JsonObject spec) =>
        ServiceStrategy.NeedsClusterIp(spec) ? spec.GetStrings("clusterIPs").Select(IpNumber.Parse).OfType<IpNumber>() : [];
}
