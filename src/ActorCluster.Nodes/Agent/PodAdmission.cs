using System.Globalization;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Pods;
using ActorCluster.Api.Selectors;
using ActorCluster.Containers.FileSystem;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <param name="Reason">status.reason of the pod that is refused, e.g. "OutOfcpu".</param>
internal sealed record AdmissionRefusal(string Reason, string Message);

/// <summary>
/// Whether a node takes a pod that was bound to it: the last check, since the scheduler can be out of date and a user can name a node
/// (pkg/kubelet/lifecycle/predicate.go). Pure.
/// </summary>
internal static class PodAdmission
{
    /// <summary>The refusal's reason where the node's labels don't suit the pod.</summary>
    public const string NodeAffinity = "NodeAffinity";

    /// <summary>What can change while a pod runs.</summary>
    public static readonly string[] Resizable = ["cpu", "memory"];

    private static readonly string[] Resources = ["cpu", "memory", "ephemeral-storage"];

    /// <param name="others">The pods that the node runs already.</param>
    /// <param name="node">The node as it is known: its name and labels count.</param>
    /// <returns>Null: it may run.</returns>
    public static AdmissionRefusal? Check(V1Pod pod, IEnumerable<V1Pod> others, IReadOnlyDictionary<string, decimal> allocatable, V1Node node)
    {
        if (pod.Spec.SecurityContext?.Sysctls?.FirstOrDefault(sysctl => !KernelParameters.IsSafe(sysctl.Name.Replace('/', '.'))) is { } unsafeOne)
            return new("SysctlForbidden", $"forbidden sysctl: {FieldError.GoQuote(unsafeOne.Name)} not allowlisted");
        var running = Running(others);
        if (running.Count + 1 > allocatable["pods"]) return Insufficient("pods", 1, running.Count, allocatable["pods"]);
        if (Check(pod.Spec, running, allocatable, Resources) is { } refusal) return refusal;
        if (!NodeSelectors.MatchesRequired(pod.Spec, node)) return Mismatch(NodeAffinity, "node(s) didn't match Pod's node affinity/selector");
        var wanted = WantedHostPort.Of(pod.Spec);
        return wanted.Count > 0 && running.SelectMany(other => WantedHostPort.Of(other.Spec)).Any(taken => wanted.Any(port => port.ConflictsWith(taken)))
            ? Mismatch("NodePorts", "node(s) didn't have free ports for the requested pod ports")
            : null;
    }

    /// <summary>Whether a pod that runs already can have what its spec asks for now.</summary>
    /// <param name="others">As above, without the pod itself.</param>
    public static AdmissionRefusal? CheckResources(V1PodSpec wanted, IEnumerable<V1Pod> others, IReadOnlyDictionary<string, decimal> allocatable) =>
        Check(wanted, Running(others), allocatable, Resizable);

    private static List<V1Pod> Running(IEnumerable<V1Pod> pods) => [.. pods.Where(pod => pod.Status?.Phase is not ("Succeeded" or "Failed"))];

    private static AdmissionRefusal? Check(V1PodSpec spec, List<V1Pod> running, IReadOnlyDictionary<string, decimal> allocatable, string[] resources)
    {
        foreach (var resource in resources)
        {
            var requested = RequestOf(spec, resource);
            if (requested == 0) continue;
            var used = running.Sum(other => RequestOf(other.Spec, resource));
            if (used + requested > allocatable[resource]) return Insufficient(resource, requested, used, allocatable[resource]);
        }
        return null;
    }

    /// <summary>What a pod asks for: its main containers and sidecars together, or its greediest init container if that is more, and the overhead
    /// (k8s.io/component-helpers/resource).</summary>
    public static decimal RequestOf(V1PodSpec spec, string resource)
    {
        decimal sidecars = 0, init = 0;
        foreach (var container in spec.InitContainers ?? [])
        {
            var request = Of(container.Resources, resource);
            if (container.RestartPolicy == "Always") sidecars += request;
            init = Math.Max(init, container.RestartPolicy == "Always" ? sidecars : sidecars + request);
        }
        var overhead = spec.Overhead is not null && spec.Overhead.TryGetValue(resource, out var quantity) ? quantity.ToDecimal() : 0;
        return Math.Max(spec.Containers.Sum(container => Of(container.Resources, resource)) + sidecars, init) + overhead;
    }

    private static decimal Of(V1ResourceRequirements? requirements, string resource)
    {
        if (requirements?.Requests?.TryGetValue(resource, out var request) == true) return request.ToDecimal();
        return requirements?.Limits?.TryGetValue(resource, out var limit) == true ? limit.ToDecimal() : 0;
    }

    private static AdmissionRefusal Mismatch(string predicate, string why) => new(predicate, $"Predicate {predicate} failed: {why}");

    private static AdmissionRefusal Insufficient(string resource, decimal requested, decimal used, decimal capacity)
    {
        // cpu is counted in thousandths.
        var unit = resource == "cpu" ? 1000 : 1;
        return new($"OutOf{resource}", string.Create(CultureInfo.InvariantCulture,
            $"Node didn't have enough resource: {resource}, requested: {decimal.Ceiling(requested * unit):0}, used: {decimal.Ceiling(used * unit):0}, capacity: {decimal.Ceiling(capacity * unit):0}"));
    }
}
