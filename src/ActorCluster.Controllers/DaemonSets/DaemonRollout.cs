using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>The next step of a rolling update (rollingUpdate in pkg/controller/daemon/update.go). Pure.</summary>
/// <param name="Create">Nodes that get a new pod beside their old one.</param>
/// <param name="Delete">Old pods that go; new ones come for them where nothing surges.</param>
internal sealed record DaemonRollout(IReadOnlyList<string> Create, IReadOnlyList<V1Pod> Delete)
{
    public static readonly DaemonRollout Nothing = new([], []);

    public static bool AllowsSurge(V1DaemonSet set) => MaxSurge(set, 1) > 0;

    public static DaemonRollout Of(DaemonNodes nodes, string hash, DateTimeOffset now)
    {
        if (nodes.Set.Spec.UpdateStrategy?.Type is not "RollingUpdate") return Nothing;
        var surge = MaxSurge(nodes.Set, nodes.Desired);
        var unavailable = CountOrPercent.Of(nodes.Set.Spec.UpdateStrategy.RollingUpdate?.MaxUnavailable, nodes.Desired, roundUp: true);
        // Both zero would be a rollout that can't move.
        if (nodes.Desired > 0 && surge == 0 && unavailable == 0) unavailable = 1;
        var view = new View(nodes, hash, now);
        return surge == 0 ? Replacing(view, unavailable) : Surging(view, surge);
    }

    private static int MaxSurge(V1DaemonSet set, int desired) =>
        set.Spec.UpdateStrategy is { Type: "RollingUpdate" } strategy ? CountOrPercent.Of(strategy.RollingUpdate?.MaxSurge, desired, roundUp: true) : 0;

    /// <summary>Old pods that aren't available go at once; of the others as many as may be missing.</summary>
    private static DaemonRollout Replacing(View view, int maxUnavailable)
    {
        var unavailable = 0;
        List<V1Pod> replace = [], candidates = [];
        foreach (var (_, current, old, known) in view.Nodes())
        {
            // Two of a kind, one of each, none: the plan puts it right, and until then nothing runs there that counts.
            if (!known || (current is null) == (old is null)) unavailable++;
            else if (current is not null)
            {
                if (!view.IsAvailable(current)) unavailable++;
            }
            else if (!view.IsAvailable(old!))
            {
                replace.Add(old!);
                unavailable++;
            }
            else candidates.Add(old!);
        }

        return new([], [.. replace, .. candidates.Take(Math.Max(0, maxUnavailable - unavailable))]);
    }

    /// <summary>New pods come beside old ones, as many at a time as the surge allows; an old one goes when its new one is available.</summary>
    private static DaemonRollout Surging(View view, int maxSurge)
    {
        var (surging, available) = (0, 0);
        List<V1Pod> delete = [], misplaced = [];
        List<string> replace = [], candidates = [];
        foreach (var (node, current, old, known) in view.Nodes())
        {
            if (!known)
            {
                surging++;
                continue;
            }

            if ((old ?? current) is { } counted && view.IsAvailable(counted)) available++;
            if (old is null) continue;
            if (current is not null)
            {
                if (view.IsAvailable(current)) delete.Add(old);
                else surging++;
            }
            else if (!view.ShouldRun(node)) (view.IsAvailable(old) ? misplaced : delete).Add(old);
            else (view.IsAvailable(old) ? candidates : replace).Add(node);
        }

        // Whoever surges expects never to be short: pods of nodes that no longer count go only when others are available in their place.
        delete.AddRange(misplaced.Take(Math.Max(0, available - view.Desired)));
        return new([.. replace, .. candidates.Take(Math.Max(0, maxSurge - surging))], delete);
    }

    private sealed class View(DaemonNodes nodes, string hash, DateTimeOffset now)
    {
        private readonly HashSet<string> _wanted = nodes.Nodes.Where(node => node.Fit.ShouldRun).Select(node => node.Node.Metadata.Name).ToHashSet(StringComparer.Ordinal);

        public int Desired => _wanted.Count;

        public bool ShouldRun(string node) => _wanted.Contains(node);

        public bool IsAvailable(V1Pod pod) => PodFacts.IsAvailable(pod, nodes.Set.Spec.MinReadySeconds ?? 0, now);

        /// <summary>The nodes with pods or in want of one, each with its new and its old pod; not known where there are two of a kind.</summary>
        public IEnumerable<(string Node, V1Pod? New, V1Pod? Old, bool Known)> Nodes()
        {
            foreach (var node in nodes.Pods.Keys.Union(_wanted).Order(StringComparer.Ordinal))
            {
                var alive = nodes.On(node).Where(pod => !PodFacts.IsDeleting(pod)).ToLookup(pod => DaemonPods.IsUpdated(nodes.Set, pod, hash));
                var known = alive[true].Count() <= 1 && alive[false].Count() <= 1;
                yield return known ? (node, alive[true].FirstOrDefault(), alive[false].FirstOrDefault(), true) : (node, null, null, false);
            }
        }
    }
}
