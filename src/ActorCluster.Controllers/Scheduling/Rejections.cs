namespace ActorCluster.Controllers.Scheduling;

/// <summary>Counts why nodes were rejected, and says it as upstream does (FitError in pkg/scheduler/framework/types.go).</summary>
internal sealed class Rejections
{
    private readonly Dictionary<string, int> _reasons = [];
    private int _nodes;
    private int _preemptible;

    public void Add(IReadOnlyList<string> reasons, bool preemptionMayHelp)
    {
        foreach (var reason in reasons) _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        _nodes++;
        if (preemptionMayHelp) _preemptible++;
    }

    /// <param name="lowerPriorityPods">There are pods that a preemption could remove; then nothing is said of it, as nothing was tried.</param>
    public string Describe(int allNodes, bool lowerPriorityPods)
    {
        var message = $"0/{allNodes} nodes are available: {Join(_reasons)}.";
        if (lowerPriorityPods) return message;
        Dictionary<string, int> preemption = [];
        if (_nodes - _preemptible > 0) preemption["Preemption is not helpful for scheduling"] = _nodes - _preemptible;
        if (_preemptible > 0) preemption["No preemption victims found for incoming pod"] = _preemptible;
        return $"{message} preemption: 0/{allNodes} nodes are available: {Join(preemption)}.";
    }

    private static string Join(Dictionary<string, int> counts) =>
        string.Join(", ", counts.Select(pair => $"{pair.Value} {pair.Key}").Order(StringComparer.Ordinal));
}
