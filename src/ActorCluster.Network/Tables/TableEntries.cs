using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using k8s.Models;

namespace ActorCluster.Network.Tables;

/// <summary>What tables say of an API object. Pure; fields that don't parse are left out, as a data path can't refuse an object.</summary>
internal static class TableEntries
{
    /// <summary>Services and EndpointSlices with one of these labels are none of kube-proxy's: somebody else, or nobody, provides the data path (cmd/kube-proxy/app/server.go).</summary>
    private static readonly string[] NotProxiedLabels = ["service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless"];

    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const string InternalIp = "InternalIP";
    private const string ExternalName = "ExternalName";
    private const string NodePort = "NodePort";
    private const string LoadBalancer = "LoadBalancer";
    private const string None = "None";
    private const string Local = "Local";
    private const string ToBeDeletedTaint = "ToBeDeletedByClusterAutoscaler";
    private const string ClientIp = "ClientIP";
    private const int DefaultAffinitySeconds = 10800;

    public static NodeRoute OfNode(V1Node node)
    {
        var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "Ready", Status: "True" });
        var cidrs = node.Spec?.PodCIDRs is { Count: > 0 } all ? all : node.Spec?.PodCIDR is { Length: > 0 } one ? [one] : [];
        return new(
            node.Metadata.Name,
            Parse<IpAddress>((node.Status?.Addresses ?? []).Where(address => address.Type == InternalIp).Select(address => address.Address), IpAddress.TryParse),
            node.Metadata.Annotations?.TryGetValue(WellKnown.ProcessAddressAnnotation, out var process) == true ? process : "",
            Parse<IpNetwork>(cidrs, IpNetwork.TryParse))
        {
            Zone = node.Metadata.Labels?.TryGetValue(ZoneLabel, out var zone) == true ? zone : "",
            IsLeaving = node.Metadata.DeletionTimestamp is not null || node.Spec?.Taints?.Any(taint => taint.Key == ToBeDeletedTaint) == true,
            IsReady = ready is not null,
            ReadySince = ready?.LastTransitionTime ?? default,
        };
    }

    /// <param name="slices">The service's EndpointSlices.</param>
    public static ServiceEntry OfService(V1Service service, IEnumerable<V1EndpointSlice> slices)
    {
        var spec = service.Spec ?? new V1ServiceSpec();
        var key = $"{service.Metadata.NamespaceProperty}/{service.Metadata.Name}";
        if (spec.Type == ExternalName)
            return new(service.Metadata.NamespaceProperty, service.Metadata.Name, [], (spec.ExternalName ?? "").TrimEnd('.'), []);
        var ips = spec.ClusterIPs is { Count: > 0 } all ? all : spec.ClusterIP is { Length: > 0 } one ? [one] : [];
        var addresses = Parse<IpAddress>(ips.Where(ip => ip != None), IpAddress.TryParse);
        var headless = ips.Contains(None);
        var elsewhere = IsNotProxied(service.Metadata);
        // DNS knows the slices of headless services whatever they are labelled.
        var known = slices.Where(slice => headless || !IsNotProxied(slice.Metadata)).ToArray();
        var sourceRanges = Parse<IpNetwork>((spec.LoadBalancerSourceRanges ?? []).Select(range => range.Trim()), IpNetwork.TryParse);
        // A service without ports (headless ones may have none) still has endpoints, which DNS knows.
        var declared = spec.Ports is { Count: > 0 } ? spec.Ports : [new V1ServicePort { Port = 0 }];
        ImmutableArray<ServicePort> ports =
        [
            .. from v4 in headless ? [true, false] : addresses.Select(address => address.IsV4).Distinct()
               from port in declared
               select OfPort(key, port, v4, elsewhere && !headless ? [] : known) with
               {
                   NodePort = (ushort)(headless || spec.Type is not (NodePort or LoadBalancer) ? 0 : port.NodePort ?? 0),
                   InternalLocal = spec.InternalTrafficPolicy == Local,
                   ExternalLocal = spec.ExternalTrafficPolicy == Local,
                   AffinitySeconds = spec.SessionAffinity == ClientIp ? spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultAffinitySeconds : 0,
                   SourceRanges = [.. sourceRanges.Where(range => range.Base.IsV4 == v4)],
               },
        ];
        if (headless) ports = [.. ports.Where(port => !port.Ready.IsEmpty || !port.ServingTerminating.IsEmpty || port.IsV4)];
        // A service that has been given no address yet can't be reached, and isn't headless either: it isn't there.
        if (headless || elsewhere) return new(service.Metadata.NamespaceProperty, service.Metadata.Name, addresses, null, ports);
        var vips = spec.Type == LoadBalancer ? service.Status?.LoadBalancer?.Ingress?.Where(ingress => ingress.IpMode is null or "VIP") ?? [] : [];
        return new(service.Metadata.NamespaceProperty, service.Metadata.Name, addresses, null, ports)
        {
            ExternalIps = Parse<IpAddress>(spec.ExternalIPs ?? [], IpAddress.TryParse),
            HealthCheckNodePort = (ushort)(spec is { Type: LoadBalancer, ExternalTrafficPolicy: Local } ? spec.HealthCheckNodePort ?? 0 : 0),
            LoadBalancerIps = Parse<IpAddress>(vips.Select(ingress => ingress.Ip), IpAddress.TryParse),
        };
    }

    /// <summary>Is there anything to route or to answer for yet? A ClusterIP service may wait for its address.</summary>
    public static bool IsReachable(V1Service service) =>
        service.Spec?.Type == ExternalName || service.Spec?.ClusterIP is { Length: > 0 } || service.Spec?.ClusterIPs is { Count: > 0 };

    private static bool IsNotProxied(V1ObjectMeta metadata) => metadata.Labels is { } labels && NotProxiedLabels.Any(labels.ContainsKey);

    private static ServicePort OfPort(string service, V1ServicePort port, bool v4, V1EndpointSlice[] slices)
    {
        var name = port.Name ?? "";
        var ready = new HashSet<ServiceEndpoint>();
        var terminating = new HashSet<ServiceEndpoint>();
        var (notReady, withoutPort) = (0, 0);
        foreach (var slice in slices)
        {
            if (slice.AddressType != (v4 ? "IPv4" : "IPv6")) continue;
            if (!TryTargetPort(slice, name, port, out var target))
            {
                withoutPort += slice.Endpoints?.Count ?? 0;
                continue;
            }
            foreach (var endpoint in slice.Endpoints ?? [])
            {
                // Null means true for ready and serving, false for terminating (k8s.io/api/discovery/v1, EndpointConditions).
                var isReady = endpoint.Conditions?.Ready ?? true;
                var isServing = endpoint.Conditions?.Serving ?? isReady;
                var isTerminating = endpoint.Conditions?.Terminating ?? false;
                if (!isReady && !(isServing && isTerminating))
                {
                    notReady++;
                    continue;
                }
                foreach (var address in Parse<IpAddress>(endpoint.Addresses ?? [], IpAddress.TryParse))
                    (isReady ? ready : terminating).Add(new(address, target, endpoint.NodeName ?? "", endpoint.Hostname ?? "",
                        string.Join(',', endpoint.Hints?.ForZones?.Select(hint => hint.Name) ?? []), string.Join(',', endpoint.Hints?.ForNodes?.Select(hint => hint.Name) ?? [])));
            }
        }
        // In a fixed order, so that one seed makes the same choices in every run.
        return new(service, name, IpProtocols.OfPort(port.Protocol), (ushort)port.Port, v4, Sorted(ready), Sorted(terminating)) { NotReady = notReady, WithoutPort = withoutPort };
    }

    private static bool TryTargetPort(V1EndpointSlice slice, string name, V1ServicePort port, out ushort target)
    {
        target = 0;
        if (port.Port == 0) return true;
        var match = (slice.Ports ?? []).FirstOrDefault(candidate => (candidate.Name ?? "") == name && IpProtocols.OfPort(candidate.Protocol) == IpProtocols.OfPort(port.Protocol));
        target = (ushort)(match?.Port ?? 0);
        return target != 0;
    }

    private static ImmutableArray<ServiceEndpoint> Sorted(HashSet<ServiceEndpoint> endpoints) =>
        [.. endpoints.OrderBy(endpoint => endpoint.Address).ThenBy(endpoint => endpoint.Port)];

    private delegate bool TryParser<T>(string? text, out T value);

    private static ImmutableArray<T> Parse<T>(IEnumerable<string?> texts, TryParser<T> parser)
    {
        var values = ImmutableArray.CreateBuilder<T>();
        foreach (var text in texts)
            if (parser(text, out var value)) values.Add(value);
        return values.ToImmutable();
    }
}
