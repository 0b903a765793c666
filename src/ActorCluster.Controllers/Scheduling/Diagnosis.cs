namespace ActorCluster.Controllers.Scheduling;

/// <summary>Why no node was found for a pod, node by node, said as upstream does (FitError in pkg/scheduler/framework/types.go).</summary>
internal sealed class Diagnosis(int allNodes)
{
    private const string NoNodes = "no nodes available to schedule pods";
    private readonly Dictionary<string, (NodeState Node, Rejection Why)> _rejected = [];
    private readonly SortedSet<string> _narrowedBy = new(StringComparer.Ordinal);
    private string? _nowhere;

    /// <summary>What may help, by the policies that rejected nodes.</summary>
    public ClusterChange MayHelp { get; private set; } = ClusterChange.NodeAdded;

    /// <summary>The nodes where removing pods might help, in the order in which they were looked at.</summary>
    public IEnumerable<NodeState> Resolvable => _rejected.Values.Where(rejected => rejected.Why.IsResolvable).Select(rejected => rejected.Node);

    public int AllNodes => allNodes;

    public void Add(NodeState node, Rejection why, IFilterPolicy by)
    {
        _rejected[node.Name] = (node, why);
        MayHelp |= by.MayHelp;
    }

    /// <summary>Who found that the pod itself is the reason; null: nobody.</summary>
    public IFilterPolicy? NowhereBy { get; private set; }

    /// <summary>Notes that the pod itself is the reason.</summary>
    public void Nowhere(string why, IFilterPolicy by)
    {
        (_nowhere, NowhereBy) = (why, by);
        MayHelp |= by.MayHelp;
    }

    /// <summary>Notes that a policy left only some nodes to be looked at.</summary>
    public void Narrowed(IFilterPolicy by)
    {
        _narrowedBy.Add(by.Name);
        MayHelp |= by.MayHelp;
    }

    /// <returns>Null: it was not looked at, or is fine.</returns>
    public Rejection? Of(string node) => _rejected.TryGetValue(node, out var rejected) ? rejected.Why : null;

    /// <param name="remedies">What came of trying to make room (<see cref="Preemption.PreemptionPlan.Message"/>).</param>
    public string Describe(string remedies)
    {
        if (allNodes == 0) return NoNodes;
        var absent = _narrowedBy.Count == 0 ? null : $"node(s) didn't satisfy plugin(s) [{string.Join(' ', _narrowedBy)}]";
        var message = _nowhere is not null
            ? $"0/{allNodes} nodes are available: {_nowhere}."
            : Describe(allNodes, _rejected.Values.Select(rejected => rejected.Why.Reasons), absent);
        return remedies.Length == 0 ? message : $"{message} {remedies}";
    }

    /// <summary>"0/3 nodes are available: 1 this, 2 that."</summary>
    /// <param name="reasons">Those of each node that has any.</param>
    /// <param name="ofOthers">The reason of all other nodes; null: none is given.</param>
    public static string Describe(int allNodes, IEnumerable<IReadOnlyList<string>> reasons, string? ofOthers)
    {
        var counts = new Dictionary<string, int>();
        var nodes = 0;
        foreach (var node in reasons)
        {
            nodes++;
            foreach (var reason in node) counts[reason] = counts.GetValueOrDefault(reason) + 1;
        }

        if (ofOthers is not null && nodes < allNodes) counts[ofOthers] = counts.GetValueOrDefault(ofOthers) + allNodes - nodes;
        var text = string.Join(", ", counts.Select(pair => $"{pair.Value} {pair.Key}").Order(StringComparer.Ordinal));
        return text.Length == 0 ? $"0/{allNodes} nodes are available:" : $"0/{allNodes} nodes are available: {text}.";
    }
}
