using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>A pod that ended, though it should run for ever.</summary>
internal readonly record struct EndedPod(V1Pod Pod, string Node)
{
    public bool Failed => Pod.Status.Phase == "Failed";
}

/// <summary>What is to be done so that each node has the pod that it should have (manage and podsShouldBeOnNode in
/// pkg/controller/daemon/daemon_controller.go). Pure.</summary>
/// <param name="Create">The nodes that need a pod.</param>
/// <param name="Delete">The pods that are too many or in the wrong place.</param>
/// <param name="Ended">Pods that ended by themselves; failed ones are deleted as often as a back-off allows.</param>
internal sealed record DaemonPlan(IReadOnlyList<string> Create, IReadOnlyList<V1Pod> Delete, IReadOnlyList<EndedPod> Ended)
{
    public static DaemonPlan Of(DaemonNodes nodes, string hash, DateTimeOffset now)
    {
        List<string> create = [];
        List<V1Pod> delete = [];
        List<EndedPod> ended = [];
        var surges = DaemonRollout.AllowsSurge(nodes.Set);
        foreach (var (node, fit) in nodes.Nodes)
        {
            var name = node.Metadata.Name;
            var here = nodes.On(name);
            if (fit.ShouldRun && here.Count == 0) create.Add(name);
            else if (!fit.MayStay) delete.AddRange(here.Where(pod => !PodFacts.IsDeleting(pod)));
            else
            {
                var alive = here.Where(pod => !PodFacts.IsDeleting(pod)).ToList();
                ended.AddRange(alive.Where(PodFacts.IsTerminal).Select(pod => new EndedPod(pod, name)));
                var running = DaemonPods.InOrder(alive.Where(pod => !PodFacts.IsTerminal(pod))).ToList();
                if (!surges) delete.AddRange(running.Skip(1));
                else if (running.Count > 1) delete.AddRange(Surplus(nodes.Set, running, hash, now));
                else if (running.Count == 0 && fit.ShouldRun) create.Add(name);
            }
        }

        delete.AddRange(OfMissingNodes(nodes));
        return new(create, delete, ended);
    }

    /// <summary>With surge two pods may be there: an old one that is ready, and a new one that isn't available yet.</summary>
    private static IEnumerable<V1Pod> Surplus(V1DaemonSet set, IReadOnlyList<V1Pod> running, string hash, DateTimeOffset now)
    {
        var current = running.FirstOrDefault(pod => TemplateRevision.HashOf(pod) == hash);
        var old = running.FirstOrDefault(pod => TemplateRevision.HashOf(pod) != hash);
        foreach (var pod in running)
        {
            if (!ReferenceEquals(pod, current) && !ReferenceEquals(pod, old)) yield return pod;
        }

        if (current is null || old is null) yield break;
        if (!PodFacts.IsReady(old) || PodFacts.IsAvailable(current, set.Spec.MinReadySeconds ?? 0, now)) yield return old;
    }

    /// <summary>Pods for nodes that are gone will never be bound, and nobody else deletes them.</summary>
    private static IEnumerable<V1Pod> OfMissingNodes(DaemonNodes nodes)
    {
        var present = nodes.Nodes.Select(node => node.Node.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        return nodes.Pods.Where(entry => !present.Contains(entry.Key)).SelectMany(entry => entry.Value).Where(pod => !PodFacts.IsScheduled(pod));
    }
}
