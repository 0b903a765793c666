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

/// <summary>Gives Services their node ports and takes them back (pkg/registry/core/service/storage/alloc.go, portallocator).</summary>
/// <remarks>What is taken is read off the stored Services once, at first use; reservations are undone when the write doesn't happen.</remarks>
internal sealed class NodePortAllocation(IObjectStore store, RandomSource random) : IAdmission
{
    private const int FirstPort = 30000;
    private const int LastPort = 32767;
    private static readonly ResourceName Services = new("", "services");
    private readonly Lock _lock = new();
    private RangeAllocator? _ports;

    public void Admit(AdmissionRequest request)
    {
        if (request.Definition.Name != Services) return;
        lock (_lock)
        {
            var ports = _ports ??= Load();
            if (request.Operation == AdmissionOperation.Delete)
            {
                Release(request, PortsOf(request.Object), ports);
                return;
            }
            try
            {
                Allocate(request, ports);
            }
            catch (StatusException)
            {
                // What this object took before the fault was found must go back.
                request.Outcome.Abandon();
                throw;
            }
        }
    }

    private void Allocate(AdmissionRequest request, RangeAllocator ports)
    {
        var spec = request.Object.Ensure("spec");
        var before = request.Old is null ? [] : PortsOf(request.Old);
        var taken = new HashSet<long>();
        // Registered before anything is taken, so that a fault half-way gives back what the first ports got.
        request.Outcome.OnAbandoned(() => Free(ports, taken));
        if (ServiceStrategy.UsesNodePorts(spec))
        {
            if (request.Old is null) AllocateNew(request, spec, ports, taken);
            else AllocateChanged(request, spec, before, ports, taken);
        }
        if (ServiceStrategy.NeedsHealthCheckPort(spec)) AllocateHealthCheck(spec, before, ports, taken);
        if (request.Old is null) return;
        var now = PortsOf(request.Object);
        Release(request, before.Where(port => !now.Contains(port)), ports);
    }

    /// <summary>Ports of one number but different protocols share a node port.</summary>
    private void AllocateNew(AdmissionRequest request, JsonObject spec, RangeAllocator ports, HashSet<long> taken)
    {
        var byPort = new Dictionary<long, long>();
        var all = spec.GetObjects("ports").ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var asked = all[i].GetInteger("nodePort") ?? 0;
            if (asked == 0 && !ServiceStrategy.AllocatesNodePorts(spec)) continue;
            var number = all[i].GetInteger("port") ?? 0;
            if (!byPort.TryGetValue(number, out var shared))
            {
                var wanted = all.Skip(i).Where(p => p.GetInteger("port") == number).Select(p => p.GetInteger("nodePort") ?? 0).FirstOrDefault(p => p != 0);
                if (wanted != 0) Take(request, ports, taken, wanted, i);
                byPort[number] = wanted != 0 ? wanted : TakeAny(ports, taken, "failed to allocate a nodePort");
                all[i]["nodePort"] = byPort[number];
            }
            else if (asked == 0) all[i]["nodePort"] = shared;
            else if (asked != shared) Take(request, ports, taken, asked, i);
        }
    }

    private void AllocateChanged(AdmissionRequest request, JsonObject spec, HashSet<long> before, RangeAllocator ports, HashSet<long> taken)
    {
        var index = -1;
        foreach (var port in spec.GetObjects("ports"))
        {
            index++;
            var asked = port.GetInteger("nodePort") ?? 0;
            if (asked == 0 && !ServiceStrategy.AllocatesNodePorts(spec)) continue;
            if (asked == 0) port["nodePort"] = TakeAny(ports, taken, "failed to allocate a nodePort");
            else if (!before.Contains(asked) && !taken.Contains(asked)) Take(request, ports, taken, asked, index);
        }
    }

    private void AllocateHealthCheck(JsonObject spec, HashSet<long> before, RangeAllocator ports, HashSet<long> taken)
    {
        var asked = spec.GetInteger("healthCheckNodePort") ?? 0;
        if (asked == 0) spec["healthCheckNodePort"] = TakeAny(ports, taken, "failed to allocate a HealthCheck NodePort 0");
        else if (!before.Contains(asked))
        {
            if (ports.Take(asked) is var fault and not AllocationFault.None) throw StatusException.Internal($"failed to allocate requested HealthCheck NodePort {asked}: {Describe(fault)}");
            taken.Add(asked);
        }
    }

    private static void Take(AdmissionRequest request, RangeAllocator ports, HashSet<long> taken, long port, int index)
    {
        if (ports.Take(port) is var fault and not AllocationFault.None)
        {
            var errors = new FieldErrors();
            errors.Invalid($"spec.ports[{index}].nodePort", port, Describe(fault));
            throw StatusException.Invalid("", request.Definition.Kind, request.Name, errors);
        }
        taken.Add(port);
    }

    private long TakeAny(RangeAllocator ports, HashSet<long> taken, string what)
    {
        var any = ports.TakeAny(random.Next) ?? throw StatusException.Internal($"{what}: range is full");
        taken.Add(any);
        return any;
    }

    private static string Describe(AllocationFault fault) => fault == AllocationFault.Taken
        ? "provided port is already allocated"
        : $"provided port is not in the valid range. The range of valid ports is {FirstPort}-{LastPort}";

    private void Release(AdmissionRequest request, IEnumerable<long> released, RangeAllocator ports)
    {
        var gone = released.ToList();
        if (gone.Count > 0) request.Outcome.OnCommitted(() => Free(ports, gone));
    }

    private void Free(RangeAllocator ports, IEnumerable<long> numbers)
    {
        lock (_lock)
        {
            foreach (var number in numbers) ports.Release(number);
        }
    }

    private RangeAllocator Load()
    {
        var ports = new RangeAllocator(FirstPort, LastPort, RangeAllocator.BandSize(LastPort - FirstPort + 1, 16, 32, 128));
        foreach (var stored in store.Snapshot.List(Services))
        {
            foreach (var port in PortsOf(ObjectEncoder.Decode(stored))) ports.Take(port);
        }
        return ports;
    }

    private static HashSet<long> PortsOf(JsonObject service)
    {
        if (service.GetObject("spec") is not { } spec) return [];
        var ports = spec.GetObjects("ports").Select(p => p.GetInteger("nodePort") ?? 0).Append(spec.GetInteger("healthCheckNodePort") ?? 0);
        return [.. ports.Where(p => p > 0)];
    }
}
