using ActorCluster.Api.Pods;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>A node and what its pods take of it. Kept up to date pod by pod, so that no decision has to count them.</summary>
/// <remarks>Owned by <see cref="ClusterState"/>, under its lock.</remarks>
internal sealed class NodeState
{
    private static readonly IReadOnlyDictionary<string, long> NoImages = new Dictionary<string, long>();
    private readonly SortedDictionary<string, SchedulingPod> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<WantedHostPort, int> _ports = [];

    public NodeState(V1Node node)
    {
        Name = node.Metadata.Name;
        Node = node;
        Read(node);
    }

    public V1Node Node { get; private set; }
    public string Name { get; }

    /// <summary>Whether the node is in the API; false for one that pods are bound to and that is not (yet or any longer) there.</summary>
    public bool Exists { get; set; } = true;

    public Resources Allocatable { get; private set; } = Resources.Zero;
    public long AllowedPods { get; private set; }

    /// <summary>Sizes in bytes of the images that are there, by all of their names.</summary>
    public IReadOnlyDictionary<string, long> Images { get; private set; } = NoImages;

    public Resources Requested { get; private set; } = Resources.Zero;

    /// <summary>Requests with defaults for containers that state none; for scores only.</summary>
    public long ScoringCpu { get; private set; }
    public long ScoringMemory { get; private set; }

    public int PodCount => _pods.Count;

    /// <summary>In the order of their uids.</summary>
    public IReadOnlyCollection<SchedulingPod> Pods => _pods.Values;

    public string? Label(string key) => Node.Metadata.Labels is { } labels && labels.TryGetValue(key, out var value) ? value : null;

    public void Replace(V1Node node)
    {
        Node = node;
        Exists = true;
        Read(node);
    }

    public void Add(SchedulingPod pod)
    {
        Remove(pod.Uid);
        _pods.Add(pod.Uid, pod);
        Requested += pod.Requests;
        ScoringCpu += pod.ScoringCpu;
        ScoringMemory += pod.ScoringMemory;
        foreach (var port in pod.Ports) _ports[port] = _ports.GetValueOrDefault(port) + 1;
    }

    public bool Remove(string uid)
    {
        if (!_pods.Remove(uid, out var pod)) return false;
        Requested -= pod.Requests;
        ScoringCpu -= pod.ScoringCpu;
        ScoringMemory -= pod.ScoringMemory;
        foreach (var port in pod.Ports)
        {
            if (--_ports[port] == 0) _ports.Remove(port);
        }

        return true;
    }

    /// <summary>The pod as it is now.</summary>
    public void Refresh(SchedulingPod pod)
    {
        if (_pods.TryGetValue(pod.Uid, out var known) && known.Counts(pod)) _pods[pod.Uid] = pod;
        else Add(pod);
    }

    public SchedulingPod? Find(string uid) => _pods.GetValueOrDefault(uid);

    /// <summary>A copy to try things on.</summary>
    public NodeState Fork()
    {
        var copy = new NodeState(Node) { Exists = Exists };
        foreach (var pod in _pods.Values) copy.Add(pod);
        return copy;
    }

    public bool HasConflict(IReadOnlyList<WantedHostPort> ports)
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

    private void Read(V1Node node)
    {
        Allocatable = Resources.From(node.Status?.Allocatable);
        AllowedPods = node.Status?.Allocatable is { } allocatable && allocatable.TryGetValue("pods", out var pods) ? (long)(decimal)pods : 0;
        Images = SizesOf(node.Status?.Images);
    }

    private static IReadOnlyDictionary<string, long> SizesOf(IList<V1ContainerImage>? images)
    {
        if (images is not { Count: > 0 }) return NoImages;
        var sizes = new Dictionary<string, long>();
        foreach (var image in images)
        {
            foreach (var name in image.Names ?? []) sizes[name] = image.SizeBytes ?? 0;
        }

        return sizes;
    }
}
