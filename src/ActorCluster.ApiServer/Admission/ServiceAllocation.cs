using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Allocation;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Admission;

/// <summary>Gives Services their cluster address and node ports and takes them back (pkg/registry/core/service/storage/alloc.go).</summary>
/// <remarks>What is taken is read off the stored Services once, at first use; reservations are undone when the write doesn't happen.</remarks>
internal sealed class ServiceAllocation(IObjectStore store, RandomSource random) : IAdmission
{
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;
    private static readonly ResourceName Services = new("", "services");
    private readonly Lock _lock = new();
    private RangeAllocator? _addresses;
    private RangeAllocator? _ports;

    public void Admit(AdmissionRequest request)
    {
        if (request.Definition.Name != Services) return;
        lock (_lock)
        {
            var (addresses, ports) = Load();
            if (request.Operation == AdmissionOperation.Delete)
            {
                Keep(request, [], Addresses(request.Object), addresses);
                Keep(request, [], NodePorts(request.Object), ports);
                return;
            }
            try
            {
                var hadAddresses = request.Old is null ? [] : Addresses(request.Old);
                AllocateAddress(request, addresses, hadAddresses);
                var hadPorts = request.Old is null ? [] : NodePorts(request.Old);
                AllocatePorts(request, ports, hadPorts);
            }
            catch (StatusException)
            {
                // What this object took before the fault was found must go back.
                request.Outcome.Abandon();
                throw;
            }
        }
    }

    private void AllocateAddress(AdmissionRequest request, RangeAllocator addresses, HashSet<long> before)
    {
        var spec = request.Object.Ensure("spec");
        var taken = new HashSet<long>();
        if (ServiceStrategy.NeedsClusterIp(spec))
        {
            var asked = spec.GetString("clusterIP") ?? "";
            if (asked.Length == 0)
            {
                var any = addresses.TakeAny(random.Next) ?? throw StatusException.Internal($"failed to allocate a serviceIP: range is full");
                taken.Add(any);
                spec["clusterIP"] = Ipv4.Format(any);
                spec["clusterIPs"] = JsonDocuments.ArrayOf(Ipv4.Format(any));
            }
            else if (Ipv4.Parse(asked) is { } address && !before.Contains(address))
            {
                var fault = addresses.Take(address);
                if (fault != AllocationFault.None)
                {
                    throw Invalid(request, "spec.clusterIPs", spec["clusterIPs"] ?? JsonDocuments.ArrayOf(asked), $"failed to allocate IP {asked}: " + (fault == AllocationFault.Taken
                        ? "provided IP is already allocated"
                        : $"the provided IP ({asked}) is not in the valid range. The range of valid IPs is {WellKnown.ServiceCidr}"));
                }
                taken.Add(address);
                spec["clusterIPs"] = JsonDocuments.ArrayOf(asked);
            }
        }
        var now = Addresses(request.Object);
        Keep(request, taken, before.Where(a => !now.Contains(a)), addresses);
    }

    private void AllocatePorts(AdmissionRequest request, RangeAllocator ports, HashSet<long> before)
    {
        var spec = request.Object.Ensure("spec");
        var taken = new HashSet<long>();
        // Registered before anything is taken, so that a fault half-way gives back what the first ports got.
        request.Outcome.OnAbandoned(() => Release(ports, taken));
        if (ServiceStrategy.NeedsNodePorts(spec))
        {
            var index = -1;
            foreach (var port in spec.GetObjects("ports"))
            {
                index++;
                if (port.GetInteger("nodePort") is { } asked and > 0)
                {
                    // One number serves several protocols of one service.
                    if (before.Contains(asked) || taken.Contains(asked)) continue;
                    TakePort(request, ports, taken, asked, $"spec.ports[{index}].nodePort");
                }
                else
                {
                    var sibling = spec.GetObjects("ports").FirstOrDefault(p => p != port && p.GetInteger("port") == port.GetInteger("port") && p.GetInteger("nodePort") > 0);
                    if (sibling is not null) port["nodePort"] = sibling.GetInteger("nodePort");
                    else port["nodePort"] = TakeAnyPort(ports, taken);
                }
            }
        }
        if (ServiceStrategy.NeedsHealthCheckPort(spec))
        {
            if (spec.GetInteger("healthCheckNodePort") is { } asked and > 0)
            {
                if (!before.Contains(asked)) TakePort(request, ports, taken, asked, "spec.healthCheckNodePort");
            }
            else spec["healthCheckNodePort"] = TakeAnyPort(ports, taken);
        }
        var now = NodePorts(request.Object);
        Keep(request, [], before.Where(p => !now.Contains(p)), ports);
    }

    private static void TakePort(AdmissionRequest request, RangeAllocator ports, HashSet<long> taken, long port, string field)
    {
        var fault = ports.Take(port);
        if (fault != AllocationFault.None)
        {
            throw Invalid(request, field, port, fault == AllocationFault.Taken
                ? "provided port is already allocated"
                : $"provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{LastNodePort}");
        }
        taken.Add(port);
    }

    private long TakeAnyPort(RangeAllocator ports, HashSet<long> taken)
    {
        var any = ports.TakeAny(random.Next) ?? throw StatusException.Internal("failed to allocate a nodePort: range is full");
        taken.Add(any);
        return any;
    }

    private void Keep(AdmissionRequest request, HashSet<long> taken, IEnumerable<long> released, RangeAllocator from)
    {
        var gone = released.ToList();
        if (taken.Count > 0) request.Outcome.OnAbandoned(() => Release(from, taken));
        if (gone.Count > 0) request.Outcome.OnCommitted(() => Release(from, gone));
    }

    private void Release(RangeAllocator from, IEnumerable<long> numbers)
    {
        lock (_lock)
        {
            foreach (var number in numbers) from.Release(number);
        }
    }

    private (RangeAllocator Addresses, RangeAllocator Ports) Load()
    {
        if (_addresses is not null && _ports is not null) return (_addresses, _ports);
        var (network, broadcast) = Ipv4.ParseCidr(WellKnown.ServiceCidr)!.Value;
        var first = network + 1;
        var addresses = new RangeAllocator(first, broadcast - 1, RangeAllocator.BandSize(broadcast - network + 1, 16, 16, 256),
            Ipv4.Parse(SystemAddresses.Kubernetes)!.Value, Ipv4.Parse(WellKnown.ClusterDnsAddress)!.Value);
        var ports = new RangeAllocator(FirstNodePort, LastNodePort, RangeAllocator.BandSize(LastNodePort - FirstNodePort + 1, 16, 32, 128));
        foreach (var stored in store.Snapshot.List(Services))
        {
            var service = ObjectEncoder.Decode(stored);
            foreach (var address in Addresses(service)) addresses.Take(address);
            foreach (var port in NodePorts(service)) ports.Take(port);
        }
        (_addresses, _ports) = (addresses, ports);
        return (addresses, ports);
    }

    private static HashSet<long> Addresses(JsonObject service) =>
        service.GetObject("spec") is { } spec && ServiceStrategy.NeedsClusterIp(spec) && Ipv4.Parse(spec.GetString("clusterIP")) is { } address ? [address] : [];

    private static HashSet<long> NodePorts(JsonObject service)
    {
        if (service.GetObject("spec") is not { } spec) return [];
        var ports = spec.GetObjects("ports").Select(p => p.GetInteger("nodePort") ?? 0).Append(spec.GetInteger("healthCheckNodePort") ?? 0);
        return [.. ports.Where(p => p > 0)];
    }

    private static StatusException Invalid(AdmissionRequest request, string field, JsonNode? value, string detail)
    {
        var errors = new FieldErrors();
        errors.Invalid(field, value, detail);
        return StatusException.Invalid("", request.Definition.Kind, request.Name, errors);
    }
}
