using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>A node and what its pods take of it. Kept up to date pod by pod, so that no decision has to count them.</summary>
/// <remarks>Owned by <see cref="ClusterState"/>, under its lock.</remarks>
internal sealed class NodeState(V1Node node)
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    private readonly Dictionary<string, SchedulingPod> _pods = [];
    private readonly Dictionary<HostPort, int> _ports = [];
    private readonly Dictionary<string, int> _groups = [];

    public V1Node Node { get; private set; } = node;
    public string Name { get; } = node.Metadata.Name;

    /// <summary>Whether the node is in the API; false for one that pods are bound to and that is not (yet or any longer) there.</summary>
    public bool Exists { get; set; } = true;

    public Resources Allocatable { get; private set; } = AllocatableOf(node);
    public long AllowedPods { get; private set; } = AllowedPodsOf(node);
    public string Zone => Node.Metadata.Labels is { } labels && labels.TryGetValue(ZoneLabel, out var zone) ? zone : "";

    public Resources Requested { get; private set; } = Resources.Zero;

    /// <summary>Requests with defaults for containers that state none; for scores only.</summary>
    public long ScoringCpu { get; private set; }
    public long ScoringMemory { get; private set; }

    public int PodCount => _pods.Count;

    public void Replace(V1Node node)
    {
        Node = node;
        Exists = true;
        Allocatable = AllocatableOf(node);
        AllowedPods = AllowedPodsOf(node);
    }

    public void Add(SchedulingPod pod)
    {
        Remove(pod.Uid);
        _pods.Add(pod.Uid, pod);
        Requested += pod.Requests;
        ScoringCpu += pod.ScoringCpu;
        ScoringMemory += pod.ScoringMemory;
        foreach (var port in pod.Ports) _ports[port] = _ports.GetValueOrDefault(port) + 1;
        if (pod.SpreadGroup.Length > 0) _groups[pod.SpreadGroup] = _groups.GetValueOrDefault(pod.SpreadGroup) + 1;
    }

    public bool Remove(string uid)
    {
        if (!_pods.Remove(uid, out var pod)) return false;
        Requested -= pod.Requests;
        ScoringCpu -= pod.ScoringCpu;
        ScoringMemory -= pod.ScoringMemory;
        foreach (var port in pod.Ports) Decrement(_ports, port);
        if (pod.SpreadGroup.Length > 0) Decrement(_groups, pod.SpreadGroup);
        return true;
    }

    /// <summary>How many pods of the group run here.</summary>
    public int CountOf(string spreadGroup) => _groups.GetValueOrDefault(spreadGroup);

    public bool HasConflict(IReadOnlyList<HostPort> ports)
    {
        foreach (var port in ports)
        {
            foreach (var taken in _ports.Keys)
            {
                if (taken.ConflictsWith(port)) return true;
            }
        }

        return false;
    }

    private static Resources AllocatableOf(V1Node node) => Resources.From(node.Status?.Allocatable);

    private static long AllowedPodsOf(V1Node node) =>
        node.Status?.Allocatable is { } allocatable && allocatable.TryGetValue("pods", out var pods) ? (long)(decimal)pods : 0;

    private static void Decrement<TKey>(Dictionary<TKey, int> counts, TKey key) where TKey : notnull
    {
        var left = counts.GetValueOrDefault(key) - 1;
        if (left > 0) counts[key] = left;
        else counts.Remove(key);
    }
}
