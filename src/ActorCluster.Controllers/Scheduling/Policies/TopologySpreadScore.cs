namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>
/// Spreads the pods of one owner over zones and nodes: upstream's default constraints, ScheduleAnyway with maxSkew 3 for zones and 5 for
/// hosts (plugins/podtopologyspread).
/// </summary>
/// <remarks>Counts come from <see cref="NodeState.CountOf"/>, so the cost does not depend on the number of pods.</remarks>
internal sealed class TopologySpreadScore : IScorePolicy
{
    private const int ZoneSkew = 3;
    private const int HostSkew = 5;

    public int Weight => 2;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, IReadOnlyList<NodeState> all)
    {
        if (pod.SpreadGroup.Length == 0) return null;
        var perZone = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in all)
        {
            var zone = node.Zone;
            if (zone.Length > 0) perZone[zone] = perZone.GetValueOrDefault(zone) + node.CountOf(pod.SpreadGroup);
        }

        // The more places there are, the fewer pods each has, and the more one of them must count.
        var zoneWeight = Math.Log(feasible.Select(node => node.Zone).Where(zone => zone.Length > 0).Distinct().Count() + 2);
        var hostWeight = Math.Log(feasible.Count + 2);
        var raw = new long[feasible.Count];
        for (var i = 0; i < raw.Length; i++)
        {
            var node = feasible[i];
            var score = (node.CountOf(pod.SpreadGroup) * hostWeight) + (HostSkew - 1);
            if (node.Zone.Length > 0) score += (perZone[node.Zone] * zoneWeight) + (ZoneSkew - 1);
            raw[i] = (long)Math.Round(score);
        }

        var (lowest, highest) = (raw.Min(), raw.Max());
        return highest == 0 ? [.. raw.Select(_ => ScoreScale.Max)] : [.. raw.Select(score => ScoreScale.Max * (highest + lowest - score) / highest)];
    }
}
