namespace ActorCluster.Controllers.Scheduling;

/// <summary>The terms that pods on nodes have, those that mean the same together: a thousand pods of a workload have one.</summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class TermIndex
{
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Each term, and how many pods on which nodes have it.</summary>
    public IEnumerable<Entry> All => _entries.Values;

    public void Count(AffinityTerm term, int weight, string node, int change)
    {
        var key = $"{weight}|{term.Key}";
        if (!_entries.TryGetValue(key, out var entry)) _entries.Add(key, entry = new Entry(term, weight));
        var count = entry.Nodes.GetValueOrDefault(node) + change;
        if (count != 0) entry.Nodes[node] = count;
        else if (entry.Nodes.Remove(node) && entry.Nodes.Count == 0) _entries.Remove(key);
    }

    public sealed record Entry(AffinityTerm Term, int Weight)
    {
        public Dictionary<string, int> Nodes { get; } = [];
    }
}
