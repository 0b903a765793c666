using k8s.Models;

namespace ActorCluster.Api.Pods;

/// <summary>A host port that a pod wants for itself on its node.</summary>
/// <param name="HostIp">"": every address of the node.</param>
public readonly record struct WantedHostPort(string Protocol, int Port, string HostIp)
{
    /// <summary>All that a pod wants.</summary>
    public static IReadOnlyList<WantedHostPort> Of(V1PodSpec spec) =>
        [.. Declared(spec).Select(port => new WantedHostPort(port.Protocol ?? "TCP", port.HostPort!.Value, port.HostIP is null or "0.0.0.0" or "::" ? "" : port.HostIP))];

    /// <summary>The ports of its main containers and sidecars that ask for one of the host: other init containers have ended before the pod serves.</summary>
    public static IEnumerable<V1ContainerPort> Declared(V1PodSpec spec) =>
        (spec.Containers ?? []).Concat((spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always"))
        .SelectMany(container => container.Ports ?? [])
        .Where(port => port.HostPort is > 0);

    /// <summary>Same protocol and port, and addresses that overlap (CheckConflict of HostPortInfo, staging/src/k8s.io/kube-scheduler/framework/types.go).</summary>
    public bool ConflictsWith(WantedHostPort other) =>
        Protocol == other.Protocol && Port == other.Port && (HostIp.Length == 0 || other.HostIp.Length == 0 || HostIp == other.HostIp);
}
