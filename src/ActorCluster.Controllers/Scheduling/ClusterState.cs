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
    private readonly Dictionary<string, (string Node, int Priority)> _placed = [];
    private readonly HashSet<string> _assumed = [];
    private readonly SortedDictionary<int, int> _priorities = [];
    private NodeState[]? _existing;

    /// <summary>The nodes that exist, in the order of their names.</summary>
    public IReadOnlyList<NodeState> Nodes => _existing ??= [.. _nodes.Values.Where(node => node.Exists)];

    /// <summary>The lowest priority of any pod on a node; null if there are none.</summary>
    public int? LowestPriority => _priorities.Count == 0 ? null : _priorities.First().Key;

    public void SetNode(V1Node node)
    {
        if (_nodes.TryGetValue(node.Metadata.Name, out var state))
        {
            if (!state.Exists) _existing = null;
            state.Replace(node);
            return;
        }

        _nodes.Add(node.Metadata.Name, new NodeState(node));
        _existing = null;
    }

    public void RemoveNode(string name)
    {
        if (!_nodes.TryGetValue(name, out var state)) return;
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
        _placed[pod.Uid] = (node, pod.Priority);
        _priorities[pod.Priority] = _priorities.GetValueOrDefault(pod.Priority) + 1;
        if (assumed) _assumed.Add(pod.Uid);
    }

    public bool IsAssumed(string uid) => _assumed.Contains(uid);

    public bool Remove(string uid)
    {
        _assumed.Remove(uid);
        if (!_placed.Remove(uid, out var place)) return false;
        var left = _priorities[place.Priority] - 1;
        if (left > 0) _priorities[place.Priority] = left;
        else _priorities.Remove(place.Priority);
        var state = _nodes[place.Node];
        state.Remove(uid);
        DropIfEmpty(state);
        return true;
    }

    private void DropIfEmpty(NodeState state)
    {
        if (!state.Exists && state.PodCount == 0) _nodes.Remove(state.Name);
    }
}
