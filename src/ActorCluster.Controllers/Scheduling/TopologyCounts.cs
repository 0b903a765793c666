namespace ActorCluster.Controllers.Scheduling;

/// <summary>How many pods, or how much of a weight, there are in places: a topology key and one of its values.</summary>
internal sealed class TopologyCounts
{
    private readonly Dictionary<string, Dictionary<string, long>> _counts = [];

    public bool IsEmpty => _counts.Count == 0;

    public TopologyCounts Copy()
    {
        var copy = new TopologyCounts();
        foreach (var (key, values) in _counts) copy._counts.Add(key, new(values));
        return copy;
    }

    public long Count(AffinityTerm term, NodeState node) => Count(term.TopologyKey, node);

    /// <summary>What all the places that a node is in have together.</summary>
    public long Sum(NodeState node)
    {
        var sum = 0L;
        foreach (var key in _counts.Keys) sum += Count(key, node);
        return sum;
    }

    /// <summary>Whether a node is in any place that has some.</summary>
    public bool IsAnyOf(NodeState node)
    {
        foreach (var key in _counts.Keys)
        {
            if (Count(key, node) > 0) return true;
        }

        return false;
    }

    /// <param name="perNode">Numbers by the names of nodes.</param>
    public void AddAll(AffinityTerm term, IReadOnlyDictionary<string, int> perNode, ClusterState cluster, long weight = 1)
    {
        foreach (var (name, count) in perNode)
        {
            if (cluster.Find(name) is { } node) Add(term, node, count * weight);
        }
    }

    public void Add(AffinityTerm term, NodeState node, long change)
    {
        if (node.Label(term.TopologyKey) is not { } value) return;
        if (!_counts.TryGetValue(term.TopologyKey, out var values)) _counts.Add(term.TopologyKey, values = []);
        var count = values.GetValueOrDefault(value) + change;
        if (count != 0) values[value] = count;
        else if (values.Remove(value) && values.Count == 0) _counts.Remove(term.TopologyKey);
    }

    private long Count(string key, NodeState node) =>
        _counts.TryGetValue(key, out var values) && node.Label(key) is { } value ? values.GetValueOrDefault(value) : 0;
}
