namespace ActorCluster.Controllers.Scheduling;

/// <summary>Pods for which room is being made on a node (pkg/scheduler/backend/queue/nominator.go): nobody of lower priority gets it meanwhile.</summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class Nominations
{
    private readonly Dictionary<string, (SchedulingPod Pod, string Node)> _byPod = [];
    private readonly Dictionary<string, SortedDictionary<string, SchedulingPod>> _byNode = [];

    public string? NodeOf(string uid) => _byPod.TryGetValue(uid, out var nomination) ? nomination.Node : null;

    public IReadOnlyCollection<SchedulingPod> On(string node) => _byNode.Count > 0 && _byNode.TryGetValue(node, out var pods) ? pods.Values : [];

    public void Set(SchedulingPod pod, string node)
    {
        Remove(pod.Uid);
        _byPod[pod.Uid] = (pod, node);
        if (!_byNode.TryGetValue(node, out var pods)) _byNode.Add(node, pods = new(StringComparer.Ordinal));
        pods[pod.Uid] = pod;
    }

    public bool Remove(string uid)
    {
        if (!_byPod.Remove(uid, out var nomination)) return false;
        var pods = _byNode[nomination.Node];
        pods.Remove(uid);
        if (pods.Count == 0) _byNode.Remove(nomination.Node);
        return true;
    }
}
