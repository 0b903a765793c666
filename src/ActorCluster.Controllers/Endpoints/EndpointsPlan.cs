using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Services;
using k8s.Models;

namespace ActorCluster.Controllers.Endpoints;

/// <summary>The Endpoints object that a service should have (pkg/controller/endpoint, pkg/api/v1/endpoints/util.go). Pure.</summary>
internal static class EndpointsPlan
{
    public const string ManagedByLabel = "endpoints.kubernetes.io/managed-by";
    public const string ManagedBy = "endpoint-controller";
    public const string OverCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";

    /// <summary>More addresses than that are left out (maxCapacity).</summary>
    public const int MaxAddresses = 1000;

    /// <returns>What is to be written; null if <paramref name="present"/> says the same.</returns>
    public static V1Endpoints? Of(V1Service service, IReadOnlyList<V1Pod> pods, V1Endpoints? present)
    {
        var subsets = SubsetsOf(service, pods);
        var truncated = Truncate(subsets);
        var annotations = new Dictionary<string, string>(present?.Metadata.Annotations ?? new Dictionary<string, string>());
        if (truncated) annotations[OverCapacityAnnotation] = "truncated";
        else annotations.Remove(OverCapacityAnnotation);
        var wanted = new V1Endpoints
        {
            ApiVersion = ApiVersions.Core,
            Kind = "Endpoints",
            Metadata = (present?.Metadata ?? new V1ObjectMeta { Name = service.Metadata.Name, NamespaceProperty = service.Metadata.NamespaceProperty }) with
            {
                Labels = LabelsOf(service),
                Annotations = annotations.Count == 0 ? null : annotations,
            },
            Subsets = subsets.Count == 0 ? null : subsets,
        };
        return present is not null
            && ObjectCopy.SemanticallyEqual(present.Subsets ?? [], wanted.Subsets ?? [])
            && ObjectCopy.SemanticallyEqual(present.Metadata.Labels, wanted.Metadata.Labels)
            && (present.Metadata.Annotations?.ContainsKey(OverCapacityAnnotation) == true) == truncated ? null : wanted;
    }

    private static List<V1EndpointSubset> SubsetsOf(V1Service service, IReadOnlyList<V1Pod> pods)
    {
        var ipv6 = service.Spec.IpFamilies is ["IPv6", ..];
        var publishAll = service.Spec.PublishNotReadyAddresses == true;
        var groups = new SortedDictionary<string, (List<Corev1EndpointPort>? Ports, List<V1EndpointAddress> Ready, List<V1EndpointAddress> NotReady)>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(pod => ServicePods.Counts(pod, publishAll)))
        {
            if (ServicePods.Addresses(pod, ipv6).FirstOrDefault() is not { } ip) continue;
            var ports = PortsOf(service, pod);
            if (ports.Count == 0 && !(ServicePods.IsHeadless(service) && (service.Spec.Ports?.Count ?? 0) == 0)) continue;
            var key = string.Join(';', ports.Select(p => $"{p.Name}/{p.Port}/{p.Protocol}/{p.AppProtocol}"));
            if (!groups.TryGetValue(key, out var group)) groups.Add(key, group = (ports.Count == 0 ? null : ports, [], []));
            var address = new V1EndpointAddress
            {
                Ip = ip,
                NodeName = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : pod.Spec.NodeName,
                Hostname = ServicePods.HostnameFor(pod, service),
                TargetRef = ServicePods.ReferenceTo(pod),
            };
            (publishAll || PodFacts.IsReady(pod) ? group.Ready : group.NotReady).Add(address);
        }

        return [.. groups.Values.Select(group => new V1EndpointSubset
        {
            Addresses = Sorted(group.Ready),
            NotReadyAddresses = Sorted(group.NotReady),
            Ports = group.Ports,
        })];
    }

    private static List<Corev1EndpointPort> PortsOf(V1Service service, V1Pod pod) =>
        [.. from port in service.Spec.Ports ?? []
            let target = ServicePods.TargetPort(pod, port)
            where target is not null
            let name = string.IsNullOrEmpty(port.Name) ? null : port.Name
            orderby name, target
            select new Corev1EndpointPort { Name = name, Port = target.Value, Protocol = ServicePods.Protocol(port.Protocol), AppProtocol = port.AppProtocol }];

    private static List<V1EndpointAddress>? Sorted(List<V1EndpointAddress> addresses) =>
        addresses.Count == 0 ? null : [.. addresses.OrderBy(address => address.Ip, StringComparer.Ordinal).ThenBy(address => address.TargetRef.Uid, StringComparer.Ordinal)];

    /// <summary>Cuts down to the limit, ready addresses first.</summary>
    private static bool Truncate(List<V1EndpointSubset> subsets)
    {
        if (subsets.Sum(s => (s.Addresses?.Count ?? 0) + (s.NotReadyAddresses?.Count ?? 0)) <= MaxAddresses) return false;
        var left = MaxAddresses;
        foreach (var subset in subsets) subset.Addresses = Cut(subset.Addresses, ref left);
        foreach (var subset in subsets) subset.NotReadyAddresses = Cut(subset.NotReadyAddresses, ref left);
        subsets.RemoveAll(subset => subset.Addresses is null && subset.NotReadyAddresses is null);
        return true;
    }

    private static List<V1EndpointAddress>? Cut(IList<V1EndpointAddress>? addresses, ref int left)
    {
        if (addresses is null || left == 0) return null;
        List<V1EndpointAddress> kept = [.. addresses.Take(left)];
        left -= kept.Count;
        return kept;
    }

    private static Dictionary<string, string> LabelsOf(V1Service service)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>());
        if (ServicePods.IsHeadless(service)) labels[ServicePods.HeadlessLabel] = "";
        else labels.Remove(ServicePods.HeadlessLabel);
        labels[ManagedByLabel] = ManagedBy;
        return labels;
    }
}
