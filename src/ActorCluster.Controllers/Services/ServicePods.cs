using System.Globalization;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Services;

/// <summary>What a Service's pods contribute to its endpoints (k8s.io/endpointslice/util, FindPort in k8s.io/endpointslice/utils.go). Pure.</summary>
internal static class ServicePods
{
    public const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>Whether endpoints are made from pods: there is a selector, and the service is not just a DNS name.</summary>
    public static bool HasManagedEndpoints(V1Service service) => service.Spec.Type != "ExternalName" && service.Spec.Selector is { Count: > 0 };

    public static bool IsHeadless(V1Service service) => service.Spec.ClusterIP is null or "" or "None";

    /// <summary>Not finished, and with an address.</summary>
    public static bool Counts(V1Pod pod, bool includeTerminating) =>
        !PodFacts.IsTerminal(pod)
        && (!string.IsNullOrEmpty(pod.Status?.PodIP) || pod.Status?.PodIPs is { Count: > 0 })
        && (includeTerminating || !PodFacts.IsDeleting(pod));

    public static IEnumerable<string> Addresses(V1Pod pod, bool ipv6)
    {
        var addresses = pod.Status.PodIPs is { Count: > 0 } all ? all.Select(ip => ip.Ip) : [pod.Status.PodIP];
        return addresses.Where(address => !string.IsNullOrEmpty(address) && address.Contains(':', StringComparison.Ordinal) == ipv6);
    }

    /// <summary>The port of the pod that a port of the service leads to; null if it names one that the pod doesn't have.</summary>
    public static int? TargetPort(V1Pod pod, V1ServicePort port)
    {
        var target = port.TargetPort?.Value;
        if (string.IsNullOrEmpty(target) || target == "0") return port.Port;
        if (int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        var sidecars = (pod.Spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always");
        return (pod.Spec.Containers ?? []).Concat(sidecars)
            .SelectMany(container => container.Ports ?? [])
            .FirstOrDefault(p => p.Name == target && Protocol(p.Protocol) == Protocol(port.Protocol))?.ContainerPort;
    }

    public static string? HostnameFor(V1Pod pod, V1Service service) =>
        !string.IsNullOrEmpty(pod.Spec.Hostname) && pod.Spec.Subdomain == service.Metadata.Name ? pod.Spec.Hostname : null;

    public static string Protocol(string? protocol) => string.IsNullOrEmpty(protocol) ? "TCP" : protocol;

    public static V1ObjectReference ReferenceTo(V1Pod pod) => new()
    {
        Kind = "Pod",
        NamespaceProperty = pod.Metadata.NamespaceProperty,
        Name = pod.Metadata.Name,
        Uid = pod.Metadata.Uid,
    };
}
