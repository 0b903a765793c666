using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>One look at the nodes and at a DaemonSet's pods on them. Pure.</summary>
/// <param name="Nodes">All nodes by their names, and what each is to the set.</param>
/// <param name="Pods">Its pods by the node that they are on or meant for, be it there or not.</param>
internal sealed record DaemonNodes(V1DaemonSet Set, IReadOnlyList<(V1Node Node, NodeFit Fit)> Nodes, SortedDictionary<string, List<V1Pod>> Pods)
{
    public static DaemonNodes Of(V1DaemonSet set, IEnumerable<V1Node> nodes, IEnumerable<V1Pod> pods)
    {
        var byNode = new SortedDictionary<string, List<V1Pod>>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            // One that is done and deleted waits only for whoever holds it.
            if ((PodFacts.IsTerminal(pod) && PodFacts.IsDeleting(pod)) || DaemonPods.NodeOf(pod) is not { } node) continue;
            if (!byNode.TryGetValue(node, out var here)) byNode.Add(node, here = []);
            here.Add(pod);
        }

        return new(set, [.. nodes.OrderBy(node => node.Metadata.Name, StringComparer.Ordinal).Select(node => (node, NodeFit.Of(set, node)))], byNode);
    }

    public int Desired => Nodes.Count(node => node.Fit.ShouldRun);

    public IReadOnlyList<V1Pod> On(string node) => Pods.TryGetValue(node, out var pods) ? pods : [];
}
