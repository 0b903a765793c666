namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Required affinity and anti-affinity between pods, and that of the pods that are there already (plugins/interpodaffinity/filtering.go).</summary>
internal sealed class InterPodAffinityFilter : IFilterPolicy
{
    private static readonly Rejection NoCompany = Rejection.Final("node(s) didn't match pod affinity rules");
    private static readonly Rejection BadCompany = Rejection.Resolvable("node(s) didn't match pod anti-affinity rules");
    private static readonly Rejection Unwelcome = Rejection.Resolvable("node(s) didn't satisfy existing pods anti-affinity rules");

    public string Name => "InterPodAffinity";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeLabels | ClusterChange.PodGone | ClusterChange.PodPlaced | ClusterChange.PodLabels;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster)
    {
        var required = pod.Affinity.Required.Select(term => term.Resolve(cluster.Namespaces)).ToList();
        var anti = pod.Affinity.RequiredAnti.Select(term => term.Resolve(cluster.Namespaces)).ToList();
        var ownNamespace = cluster.Namespaces.Of(pod.Namespace);

        var unwelcome = new TopologyCounts();
        foreach (var entry in cluster.AntiAffinity.All)
        {
            if (entry.Term.Matches(pod, ownNamespace)) unwelcome.AddAll(entry.Term, entry.Nodes, cluster);
        }

        if (unwelcome.IsEmpty && required.Count == 0 && anti.Count == 0) return null;
        var (company, bad) = (new TopologyCounts(), new TopologyCounts());
        if (required.Count > 0)
        {
            var counts = cluster.Counts.PerNode(PodMatch.OfTerms(required));
            foreach (var term in required) company.AddAll(term, counts, cluster);
        }

        foreach (var term in anti) bad.AddAll(term, cluster.Counts.PerNode(PodMatch.OfTerms([term])), cluster);
        return new Filter(pod, ownNamespace, required, anti, company, bad, unwelcome);
    }

    private sealed class Filter(
        SchedulingPod pod, IReadOnlyDictionary<string, string>? ownNamespace, IReadOnlyList<AffinityTerm> required, IReadOnlyList<AffinityTerm> anti,
        TopologyCounts company, TopologyCounts bad, TopologyCounts unwelcome) : INodeFilter
    {
        public Rejection? Reject(NodeState node)
        {
            if (!HasCompany(node)) return NoCompany;
            foreach (var term in anti)
            {
                if (bad.Count(term, node) > 0) return BadCompany;
            }

            return unwelcome.IsAnyOf(node) ? Unwelcome : null;
        }

        public INodeFilter Fork() => new Filter(pod, ownNamespace, required, anti, company.Copy(), bad.Copy(), unwelcome.Copy());

        public void Suppose(SchedulingPod other, NodeState node, int change)
        {
            foreach (var term in other.Affinity.RequiredAnti)
            {
                if (term.Matches(pod, ownNamespace)) unwelcome.Add(term, node, change);
            }

            if (MatchesAll(other))
            {
                foreach (var term in required) company.Add(term, node, change);
            }

            foreach (var term in anti)
            {
                if (term.Matches(other, namespaceLabels: null)) bad.Add(term, node, change);
            }
        }

        private bool HasCompany(NodeState node)
        {
            var found = true;
            foreach (var term in required)
            {
                if (node.Label(term.TopologyKey) is null) return false;
                found &= company.Count(term, node) > 0;
            }

            // The first of a series that want to be together has nobody to go to.
            return found || (company.IsEmpty && MatchesAll(pod));
        }

        private bool MatchesAll(SchedulingPod other) => required.Count > 0 && required.All(term => term.Matches(other, namespaceLabels: null));
    }
}
