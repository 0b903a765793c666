using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>
/// All nodes with what is on them, including pods that were assigned a moment ago and that no watch has shown yet ("assumed"):
/// without those, two quick decisions would give the same room away twice. By pkg/scheduler/backend/cache.
/// </summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class ClusterState
{
    private readonly SortedDictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _placed = [];
    private readonly HashSet<string> _assumed = [];
    private readonly Dictionary<string, int> _imageNodes = [];
    private readonly Dictionary<string, int> _claimPods = [];
    private NodeState[]? _existing;

    /// <summary>The nodes that exist, in the order of their names.</summary>
    public IReadOnlyList<NodeState> Nodes => _existing ??= [.. _nodes.Values.Where(node => node.Exists)];

    public PodCounts Counts { get; } = new();

    /// <summary>Required anti-affinity of the pods on nodes: where others can't go.</summary>
    public TermIndex AntiAffinity { get; } = new();

    /// <summary>What else pods on nodes say of the company that they want: required affinity (weight 0) and preferred terms.</summary>
    public TermIndex Preferences { get; } = new();

    public NamespaceLabels Namespaces { get; } = new();

    public Nominations Nominations { get; } = new();

    public NodeState? Find(string node) => _nodes.TryGetValue(node, out var state) && state.Exists ? state : null;

    /// <summary>On how many nodes an image of that name is.</summary>
    public int NodesWith(string image) => _imageNodes.GetValueOrDefault(image);

    /// <summary>How many pods on nodes have a claim, "ns/name", as a volume.</summary>
    public int PodsWith(string claim) => _claimPods.GetValueOrDefault(claim);

    public void SetNode(V1Node node)
    {
        if (_nodes.TryGetValue(node.Metadata.Name, out var state))
        {
            if (!state.Exists) _existing = null;
            else CountImages(state, -1);
            state.Replace(node);
        }
        else
        {
            _nodes.Add(node.Metadata.Name, state = new NodeState(node));
            _existing = null;
        }

        CountImages(state, 1);
    }

    public void RemoveNode(string name)
    {
        if (!_nodes.TryGetValue(name, out var state)) return;
        if (state.Exists) CountImages(state, -1);
        state.Exists = false;
        _existing = null;
        DropIfEmpty(state);
    }

    /// <summary>Notes where a pod is; <paramref name="assumed"/> if only our own decision says so.</summary>
    public void Place(SchedulingPod pod, string node, bool assumed)
    {
        Remove(pod.Uid);
        if (!_nodes.TryGetValue(node, out var state))
        {
            // Bound to a node that has not been seen yet: keep count for when it comes.
            state = new NodeState(new V1Node { Metadata = new V1ObjectMeta { Name = node } }) { Exists = false };
            _nodes.Add(node, state);
        }

        state.Add(pod);
        _placed[pod.Uid] = node;
        Index(pod, node, 1);
        if (assumed) _assumed.Add(pod.Uid);
    }

    /// <summary>What a pod on a node is now.</summary>
    /// <returns>What of it may help others: its labels changed or it began to end, or it needs less.</returns>
    public ClusterChange Refresh(V1Pod pod)
    {
        if (!_placed.TryGetValue(pod.Metadata.Uid, out var node) || _nodes[node].Find(pod.Metadata.Uid) is not { } known) return ClusterChange.None;
        var later = known.Later(pod);
        var isSame = later.IsTerminating == known.IsTerminating && later.Labels.Count == known.Labels.Count
            && later.Labels.All(label => known.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
        if (!isSame) Counts.Remove(known, node);
        _nodes[node].Refresh(later);
        if (isSame) Counts.Refresh(later, node);
        else Counts.Add(later, node);
        return (isSame ? ClusterChange.None : ClusterChange.PodLabels) | (later.Requests.IsLessThan(known.Requests) ? ClusterChange.PodShrunk : ClusterChange.None);
    }

    public bool IsAssumed(string uid) => _assumed.Contains(uid);

    public bool IsPlaced(string uid) => _placed.ContainsKey(uid);

    public bool Remove(string uid)
    {
        _assumed.Remove(uid);
        if (!_placed.Remove(uid, out var node)) return false;
        var state = _nodes[node];
        if (state.Find(uid) is { } pod) Index(pod, node, -1);
        state.Remove(uid);
        DropIfEmpty(state);
        return true;
    }

    private void Index(SchedulingPod pod, string node, int change)
    {
        if (change > 0) Counts.Add(pod, node);
        else Counts.Remove(pod, node);
        foreach (var claim in pod.Claims) Count(_claimPods, claim, change);
        foreach (var term in pod.Affinity.RequiredAnti) AntiAffinity.Count(term, 0, node, change);
        foreach (var term in pod.Affinity.Required) Preferences.Count(term, 0, node, change);
        foreach (var (term, weight) in pod.Affinity.Preferred) Preferences.Count(term, weight, node, change);
    }

    private void CountImages(NodeState node, int change)
    {
        foreach (var image in node.Images.Keys) Count(_imageNodes, image, change);
    }

    private static void Count(Dictionary<string, int> counts, string key, int change)
    {
        var count = counts.GetValueOrDefault(key) + change;
        if (count == 0) counts.Remove(key);
        else counts[key] = count;
    }

    private void DropIfEmpty(NodeState state)
    {
        if (!state.Exists && state.PodCount == 0) _nodes.Remove(state.Name);
    }
}
