using ActorCluster.Api.Selectors;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>nodeSelector and required node affinity (plugins/nodeaffinity).</summary>
internal sealed class NodeAffinityFilter : IFilterPolicy
{
    private static readonly Rejection NoMatch = Rejection.Final("node(s) didn't match Pod's node affinity/selector");

    public string Name => "NodeAffinity";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeLabels;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster)
    {
        var spec = pod.Pod.Spec;
        var required = spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        return required is null && spec.NodeSelector is not { Count: > 0 } ? null : new Filter(spec, NamesIn(required));
    }

    /// <summary>The nodes that all terms name by metadata.name: no other need be looked at (a DaemonSet's pods name one each).</summary>
    private static HashSet<string>? NamesIn(V1NodeSelector? required)
    {
        if (required?.NodeSelectorTerms is not { Count: > 0 } terms) return null;
        var all = new HashSet<string>();
        foreach (var term in terms)
        {
            HashSet<string>? names = null;
            foreach (var requirement in term.MatchFields ?? [])
            {
                if (requirement.Key != "metadata.name" || requirement.OperatorProperty != "In" || requirement.Values is null) continue;
                if (names is null) names = [.. requirement.Values];
                else names.IntersectWith(requirement.Values);
            }

            if (names is null) return null;
            all.UnionWith(names);
        }

        return all;
    }

    private sealed class Filter(V1PodSpec spec, IReadOnlyCollection<string>? onlyNodes) : INodeFilter
    {
        public IReadOnlyCollection<string>? OnlyNodes => onlyNodes;

        public Rejection? Reject(NodeState node) => NodeSelectors.MatchesRequired(spec, node.Node) ? null : NoMatch;
    }
}
