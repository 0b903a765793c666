using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Services;
using k8s.Models;

namespace ActorCluster.Controllers.EndpointSlices;

/// <summary>Which slices of a service are to be written, and how (k8s.io/endpointslice/reconciler.go). Pure.</summary>
/// <param name="MissingNodes">Pods were left out because their node is not known (yet).</param>
internal sealed record EndpointSlicePlan(
    IReadOnlyList<V1EndpointSlice> Create, IReadOnlyList<V1EndpointSlice> Update, IReadOnlyList<V1EndpointSlice> Delete, bool MissingNodes)
{
    public const string ServiceNameLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string ManagedBy = "endpointslice-controller.k8s.io";

    /// <summary>--max-endpoints-per-slice.</summary>
    public const int MaxEndpoints = 100;

    /// <summary>What the service's user should know.</summary>
    public IReadOnlyList<EndpointSliceNote> Notes { get; init; } = [];

    /// <param name="existing">The slices that carry the service's name and this controller's label.</param>
    /// <param name="nodeOf">A node by name; null if there is none.</param>
    /// <param name="nodes">All nodes, for services that ask for topology aware routing.</param>
    public static EndpointSlicePlan Of(
        V1Service service, IReadOnlyList<V1Pod> pods, IReadOnlyList<V1EndpointSlice> existing, Func<string, V1Node?> nodeOf, IEnumerable<V1Node> nodes)
    {
        List<V1EndpointSlice> create = [], update = [], delete = [];
        List<EndpointSliceNote> notes = [];
        var byTopology = TopologyHints.AskedForBy(service);
        var shares = byTopology ? TopologyHints.Shares(nodes) : null;
        var missingNodes = false;
        var families = FamiliesOf(service);
        delete.AddRange(existing.Where(slice => !families.Contains(slice.AddressType)));
        foreach (var family in families)
        {
            var wanted = Wanted(service, pods, family, nodeOf, ref missingNodes);
            var slices = existing.Where(slice => slice.AddressType == family).OrderBy(slice => slice.Metadata.Name, StringComparer.Ordinal).ToList();
            var owned = slices.Where(slice => slice.Metadata.OwnerReferences?.Any(o => o.Uid == service.Metadata.Uid) == true).ToList();
            var (before, deleted) = (create.Count, delete.Count);
            delete.AddRange(slices.Except(owned));
            if (byTopology && NoteOf(wanted.Values.SelectMany(group => group.Endpoints), shares, family, owned) is { } note) notes.Add(note);
            var byPorts = owned.GroupBy(slice => PortsKey(slice.Ports)).ToDictionary(g => g.Key, g => g.ToList());
            foreach (var (ports, endpoints) in wanted.Values)
            {
                byPorts.Remove(PortsKey(ports), out var present);
                Distribute(service, family, ports, endpoints, present ?? [], create, update, delete);
            }

            // A service without endpoints keeps one empty slice, so that readers know that there are none.
            var leftover = byPorts.Values.SelectMany(group => group).ToList();
            var noneLeft = create.Count == before && delete.Count - deleted + leftover.Count == slices.Count;
            var placeholder = noneLeft ? leftover.Find(slice => IsPlaceholder(slice, service)) : null;
            if (noneLeft && placeholder is null) create.Add(NewSlice(service, family, [], []));
            delete.AddRange(leftover.Where(slice => slice != placeholder));
        }

        Reuse(service, create, update, delete);
        return new(create, update, delete, missingNodes) { Notes = notes };
    }

    private static EndpointSliceNote? NoteOf(IEnumerable<V1Endpoint> endpoints, SortedDictionary<string, double>? shares, string family, List<V1EndpointSlice> before)
    {
        if (TopologyHints.Assign(endpoints.OrderBy(IdentityOf, StringComparer.Ordinal), shares) is { } why) return new("Warning", "TopologyAwareHintsDisabled", $"{why}, addressType: {family}");
        var hinted = before.SelectMany(slice => slice.Endpoints ?? []).Any(endpoint => endpoint.Hints?.ForZones is { Count: > 0 });
        return hinted ? null : new("Normal", "TopologyAwareHintsEnabled", $"Topology Aware Hints has been enabled, addressType: {family}");
    }

    /// <summary>Where one slice would go and another come, the first becomes the second: readers never see both, or neither.</summary>
    private static void Reuse(V1Service service, List<V1EndpointSlice> create, List<V1EndpointSlice> update, List<V1EndpointSlice> delete)
    {
        foreach (var old in delete.ToList())
        {
            var fresh = create.FindLastIndex(slice => slice.AddressType == old.AddressType);
            if (fresh < 0 || old.Metadata.OwnerReferences?.Any(owner => owner.Uid == service.Metadata.Uid) != true) continue;
            update.Add(old with { Metadata = old.Metadata with { Labels = create[fresh].Metadata.Labels }, Ports = create[fresh].Ports, Endpoints = create[fresh].Endpoints });
            create.RemoveAt(fresh);
            delete.Remove(old);
        }
    }

    private static Dictionary<string, (IList<Discoveryv1EndpointPort> Ports, List<V1Endpoint> Endpoints)> Wanted(
        V1Service service, IReadOnlyList<V1Pod> pods, string family, Func<string, V1Node?> nodeOf, ref bool missingNodes)
    {
        var wanted = new Dictionary<string, (IList<Discoveryv1EndpointPort> Ports, List<V1Endpoint> Endpoints)>();
        foreach (var pod in pods.Where(pod => ServicePods.Counts(pod, includeTerminating: true)))
        {
            var addresses = ServicePods.Addresses(pod, ipv6: family == "IPv6").ToList();
            if (addresses.Count == 0) continue;
            var node = nodeOf(pod.Spec.NodeName ?? "");
            if (node is null && service.Spec.PublishNotReadyAddresses != true)
            {
                missingNodes = true;
                continue;
            }

            var ports = PortsOf(service, pod);
            var key = PortsKey(ports);
            if (!wanted.TryGetValue(key, out var group)) wanted.Add(key, group = (ports, []));
            group.Endpoints.Add(EndpointOf(service, pod, node, addresses));
        }

        return wanted;
    }

    /// <summary>Spreads the wanted endpoints over slices, changing as few slices as possible.</summary>
    private static void Distribute(
        V1Service service, string family, IList<Discoveryv1EndpointPort> ports, List<V1Endpoint> endpoints, List<V1EndpointSlice> present,
        List<V1EndpointSlice> create, List<V1EndpointSlice> update, List<V1EndpointSlice> delete)
    {
        var missing = endpoints.ToDictionary(IdentityOf);
        var labels = LabelsOf(service);
        List<(V1EndpointSlice Slice, List<V1Endpoint> Kept, bool Changed)> slices = [];
        foreach (var slice in present)
        {
            List<V1Endpoint> kept = [];
            var changed = !Same(slice.Metadata.Labels, labels);
            foreach (var endpoint in slice.Endpoints ?? [])
            {
                if (!missing.Remove(IdentityOf(endpoint), out var current))
                {
                    changed = true;
                    continue;
                }

                kept.Add(current);
                changed |= !ObjectCopy.SemanticallyEqual(endpoint, current);
            }

            slices.Add((slice, kept, changed));
        }

        var rest = new Queue<V1Endpoint>(missing.Values.OrderBy(IdentityOf, StringComparer.Ordinal));
        // Slices that must be written anyway are filled first; only then is another one touched, if it can take all that is left.
        foreach (var (_, kept, _) in slices.Where(s => s.Changed)) Fill(kept, rest);
        if (rest.Count > 0 && rest.Count < MaxEndpoints)
        {
            var fitting = slices.FindIndex(s => !s.Changed && s.Kept.Count + rest.Count <= MaxEndpoints);
            if (fitting >= 0)
            {
                Fill(slices[fitting].Kept, rest);
                slices[fitting] = slices[fitting] with { Changed = true };
            }
        }

        foreach (var (slice, kept, changed) in slices)
        {
            if (kept.Count == 0) delete.Add(slice);
            else if (changed) update.Add(slice with { Metadata = slice.Metadata with { Labels = labels }, Endpoints = kept });
        }

        while (rest.Count > 0)
        {
            List<V1Endpoint> fresh = [];
            Fill(fresh, rest);
            create.Add(NewSlice(service, family, ports, fresh));
        }
    }

    private static void Fill(List<V1Endpoint> slice, Queue<V1Endpoint> rest)
    {
        while (slice.Count < MaxEndpoints && rest.TryDequeue(out var endpoint)) slice.Add(endpoint);
    }

    private static V1Endpoint EndpointOf(V1Service service, V1Pod pod, V1Node? node, IList<string> addresses)
    {
        var serving = PodFacts.IsReady(pod);
        var terminating = PodFacts.IsDeleting(pod);
        var ready = service.Spec.PublishNotReadyAddresses == true || (serving && !terminating);
        var zone = node?.Metadata.Labels is { } labels && labels.TryGetValue("topology.kubernetes.io/zone", out var value) && value.Length > 0 ? value : null;
        var nodeName = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : pod.Spec.NodeName;
        return new V1Endpoint
        {
            Addresses = addresses,
            Conditions = new V1EndpointConditions { Ready = ready, Serving = serving, Terminating = terminating },
            TargetRef = ServicePods.ReferenceTo(pod),
            NodeName = nodeName,
            Zone = zone,
            Hostname = ServicePods.HostnameFor(pod, service),
            Hints = ready && !TopologyHints.AskedForBy(service) ? HintsOf(service, nodeName, zone) : null,
        };
    }

    /// <summary>trafficDistribution: where an endpoint had better be used from (KEP-4444, KEP-3015).</summary>
    private static V1EndpointHints? HintsOf(V1Service service, string? node, string? zone)
    {
        var sameNode = service.Spec.TrafficDistribution == "PreferSameNode";
        if (!sameNode && service.Spec.TrafficDistribution is not ("PreferClose" or "PreferSameZone")) return null;
        var forZones = zone is null ? null : new List<V1ForZone> { new() { Name = zone } };
        var forNodes = sameNode && node is not null ? new List<V1ForNode> { new() { Name = node } } : null;
        return forZones is null && forNodes is null ? null : new V1EndpointHints { ForZones = forZones, ForNodes = forNodes };
    }

    private static List<Discoveryv1EndpointPort> PortsOf(V1Service service, V1Pod pod) =>
        [.. from port in service.Spec.Ports ?? []
            let target = ServicePods.TargetPort(pod, port)
            where target is not null
            select new Discoveryv1EndpointPort { Name = port.Name ?? "", Port = target, Protocol = ServicePods.Protocol(port.Protocol), AppProtocol = port.AppProtocol }];

    private static V1EndpointSlice NewSlice(V1Service service, string family, IList<Discoveryv1EndpointPort> ports, IList<V1Endpoint> endpoints) => new()
    {
        ApiVersion = ApiVersions.Discovery,
        Kind = "EndpointSlice",
        Metadata = new V1ObjectMeta
        {
            GenerateName = service.Metadata.Name + "-",
            NamespaceProperty = service.Metadata.NamespaceProperty,
            Labels = LabelsOf(service),
            OwnerReferences = [Owners.ControllerReference(service, ApiVersions.Core, "Service")],
        },
        AddressType = family,
        Ports = ports,
        Endpoints = endpoints,
    };

    private static Dictionary<string, string> LabelsOf(V1Service service)
    {
        var labels = (service.Metadata.Labels ?? new Dictionary<string, string>())
            .Where(pair => pair.Key is not (ServiceNameLabel or ManagedByLabel or ServicePods.HeadlessLabel))
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        if (ServicePods.IsHeadless(service)) labels[ServicePods.HeadlessLabel] = "";
        labels[ServiceNameLabel] = service.Metadata.Name;
        labels[ManagedByLabel] = ManagedBy;
        return labels;
    }

    private static List<string> FamiliesOf(V1Service service) =>
        service.Spec.IpFamilies is { Count: > 0 } families ? [.. families]
        : service.Spec.ClusterIP?.Contains(':', StringComparison.Ordinal) == true ? ["IPv6"] : ["IPv4"];

    private static bool IsPlaceholder(V1EndpointSlice slice, V1Service service) =>
        (slice.Endpoints?.Count ?? 0) == 0 && (slice.Ports?.Count ?? 0) == 0 && Same(slice.Metadata.Labels, LabelsOf(service));

    private static string IdentityOf(V1Endpoint endpoint) => $"{endpoint.TargetRef?.Uid}|{string.Join(',', endpoint.Addresses)}";

    private static string PortsKey(IEnumerable<Discoveryv1EndpointPort>? ports) =>
        string.Join(';', (ports ?? []).Select(p => $"{p.Name}/{p.Port}/{p.Protocol}/{p.AppProtocol}").Order(StringComparer.Ordinal));

    private static bool Same(IDictionary<string, string>? left, Dictionary<string, string> right) =>
        left is not null && left.Count == right.Count && LabelSelectors.ContainsAll(left, right);
}

/// <summary>An event of the service. The reasons and messages are upstream's.</summary>
internal sealed record EndpointSliceNote(string Type, string Reason, string Message);
