using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Nodes.Lifecycle;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <summary>What a node says about itself (pkg/kubelet/kubelet_node_status.go, pkg/kubelet/nodestatus/setters.go). Pure.</summary>
internal static class NodeObject
{
    public const string KubeletVersion = "v1.36.0";
    public const string OsImage = "ActorCluster";
    private static readonly string RuntimeVersion = typeof(NodeObject).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";

    public static SortedDictionary<string, string> Labels(NodeOptions options)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = options.Name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
            ["beta.kubernetes.io/os"] = "linux",
            ["beta.kubernetes.io/arch"] = "amd64",
        };
        foreach (var (name, value) in options.Labels) labels[name] = value;
        return labels;
    }

    public static SortedDictionary<string, string> Annotations(string processName, string processAddress) => new(StringComparer.Ordinal)
    {
        [WellKnown.ProcessAddressAnnotation] = processAddress,
        [WellKnown.ProcessNameAnnotation] = processName,
        ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true",
    };

    /// <summary>The node's own address of a family: node n, whose pods have the n-th block of the cluster's pod addresses, is 172.18.0.0 + n + 1.</summary>
    public static IpAddress AddressOf(IpNetwork podCidr)
    {
        var v4 = podCidr.Base.IsV4;
        var pods = IpNetwork.Parse(v4 ? WellKnown.PodCidr : WellKnown.PodCidrV6);
        // Blocks are within the lower 32 bits of an IPv4 address, and within the upper 64 of an IPv6 one.
        var index = v4 ? (podCidr.Base.Low - pods.Base.Low) >> (32 - podCidr.Prefix) : (podCidr.Base.High - pods.Base.High) >> (64 - podCidr.Prefix);
        var nodes = IpNetwork.Parse(v4 ? WellKnown.NodeCidr : WellKnown.NodeCidrV6).Base;
        return nodes with { Low = nodes.Low + index + 1 };
    }

    /// <param name="hostIPs">Empty before the node has any.</param>
    /// <param name="notReady">Why the node can't run pods; null if it can.</param>
    /// <param name="known">The status as the API has it: the transition times of its conditions stay while their status does, and what else it says that the node has is the node's.</param>
    public static V1NodeStatus Status(NodeOptions options, ImmutableArray<string> hostIPs, string? notReady, string bootId, V1NodeStatus? known, DateTimeOffset now)
    {
        List<V1NodeAddress> addresses = [.. hostIPs.Select(ip => new V1NodeAddress { Type = "InternalIP", Address = ip }), new V1NodeAddress { Type = "Hostname", Address = options.Name }];
        return new V1NodeStatus
        {
            // What others have written there is theirs to change.
            Capacity = Resources(options, null),
            Allocatable = Resources(options, known),
            Addresses = addresses,
            Conditions =
            [
                Condition("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                Condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                Condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                notReady is null ? Condition("Ready", true, "KubeletReady", "kubelet is posting ready status") : Condition("Ready", false, "KubeletNotReady", notReady),
            ],
            DaemonEndpoints = new V1NodeDaemonEndpoints { KubeletEndpoint = new V1DaemonEndpoint { Port = 10250 } },
            Features = new V1NodeFeatures { SupplementalGroupsPolicy = true },
            NodeInfo = new V1NodeSystemInfo
            {
                Architecture = "amd64",
                BootID = bootId,
                ContainerRuntimeVersion = $"actorcluster://{RuntimeVersion}",
                KernelVersion = $"6.12.0-actorcluster",
                KubeProxyVersion = "",
                KubeletVersion = KubeletVersion,
                MachineID = MachineId(options.Name),
                OperatingSystem = "linux",
                OsImage = OsImage,
                SystemUUID = Identity("system", options.Name).ToString(),
            },
        };

        V1NodeCondition Condition(string type, bool status, string reason, string message)
        {
            var text = status ? "True" : "False";
            var old = known?.Conditions?.FirstOrDefault(condition => condition.Type == type);
            return new V1NodeCondition
            {
                Type = type,
                Status = text,
                Reason = reason,
                Message = message,
                LastHeartbeatTime = PodStatusBuilder.Seconds(now),
                LastTransitionTime = old?.Status == text ? old.LastTransitionTime : PodStatusBuilder.Seconds(now),
            };
        }
    }

    /// <summary>Whether the API knows all that the node says of itself, but for when its conditions were last heard of. What others say there besides is theirs.</summary>
    public static bool IsSameBesidesHeartbeats(V1NodeStatus said, V1NodeStatus? known) =>
        known is { Conditions: not null, Addresses: not null }
        && said.Conditions.All(condition => known.Conditions.Count(other => other.Type == condition.Type) == 1 && known.Conditions.Any(other => other.LastHeartbeatTime is not null && other with { LastHeartbeatTime = condition.LastHeartbeatTime } == condition))
        && said.Addresses.SequenceEqual(known.Addresses) && said.NodeInfo == known.NodeInfo && said.Features == known.Features && said.DaemonEndpoints == known.DaemonEndpoints
        && said.Capacity.All(resource => known.Capacity?.TryGetValue(resource.Key, out var amount) is true && amount == resource.Value)
        && said.Allocatable.Count == known.Allocatable?.Count && said.Allocatable.All(resource => known.Allocatable.TryGetValue(resource.Key, out var amount) && amount == resource.Value);

    /// <summary>
    /// The reasons of the events that tell how the node's conditions have turned from what the API knew. That of its readiness has none when it is new, the others do (ReadyCondition,
    /// MemoryPressureCondition and its like in pkg/kubelet/nodestatus/setters.go).
    /// </summary>
    public static IEnumerable<string> Turns(V1NodeStatus said, V1NodeStatus? known)
    {
        foreach (var condition in said.Conditions)
        {
            var before = known?.Conditions?.FirstOrDefault(other => other.Type == condition.Type)?.Status;
            if (before == condition.Status) continue;
            if (condition.Type != "Ready") yield return condition.Reason.Replace("Kubelet", "Node", StringComparison.Ordinal);
            else if (before is not null) yield return condition.Status == "True" ? "NodeReady" : "NodeNotReady";
        }
    }

    /// <summary>Whether a node's conditions are its own words still: its controller says Unknown of one that it hasn't heard.</summary>
    public static bool Says(V1Node node, bool ready) =>
        node.Status?.Conditions is { } conditions && conditions.All(condition => condition.Type switch
        {
            "Ready" => condition.Status == (ready ? "True" : "False"),
            "MemoryPressure" or "DiskPressure" or "PIDPressure" => condition.Status == "False",
            _ => true,
        });

    /// <summary>
    /// What the node has, all of it for pods: its own, and what somebody has written to its capacity (extended resources, that a device or an administrator advertises), as MachineInfo in
    /// pkg/kubelet/nodestatus/setters.go.
    /// </summary>
    public static Dictionary<string, ResourceQuantity> Resources(NodeOptions options, V1NodeStatus? known) => new(known?.Capacity ?? new Dictionary<string, ResourceQuantity>(), StringComparer.Ordinal)
    {
        ["cpu"] = new(options.Cpu),
        ["memory"] = new(options.Memory),
        ["ephemeral-storage"] = new(options.EphemeralStorage),
        ["pods"] = new(options.Pods.ToString(CultureInfo.InvariantCulture)),
    };

    /// <summary>Whether a status gives pods just what the node has.</summary>
    public static bool IsAllocatable(V1NodeStatus? known, NodeOptions options)
    {
        var resources = Resources(options, known);
        return Same(known?.Capacity) && Same(known?.Allocatable);

        bool Same(IDictionary<string, ResourceQuantity>? said) =>
            said is not null && said.Count == resources.Count && resources.All(resource => said.TryGetValue(resource.Key, out var amount) && amount.ToDecimal() == resource.Value.ToDecimal());
    }

    /// <summary>cpu in cores, the others in bytes or pieces.</summary>
    public static Dictionary<string, decimal> Allocatable(NodeOptions options) => new(StringComparer.Ordinal)
    {
        ["cpu"] = new ResourceQuantity(options.Cpu).ToDecimal(),
        ["memory"] = new ResourceQuantity(options.Memory).ToDecimal(),
        ["ephemeral-storage"] = new ResourceQuantity(options.EphemeralStorage).ToDecimal(),
        ["pods"] = options.Pods,
    };

    public static string MachineId(string node) => Identity("machine", node).ToString("N");

    /// <summary>The same for a name, always: a machine keeps its identity over restarts.</summary>
    private static Guid Identity(string kind, string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}/{name}")).AsSpan(0, 16));
}
