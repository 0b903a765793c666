using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>Which pods go first when there are too many (ActivePodsWithRanks in pkg/controller/controller_utils.go).</summary>
internal static class PodDeletionRanking
{
    public const string DeletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>The <paramref name="count"/> pods to delete.</summary>
    /// <param name="related">All pods of the same owner's replica sets: of two pods, the one on the fuller node goes first.</param>
    public static IReadOnlyList<V1Pod> Choose(IReadOnlyList<V1Pod> pods, IReadOnlyList<V1Pod> related, int count, DateTimeOffset now)
    {
        if (count >= pods.Count) return pods;
        var onNode = related.Where(PodFacts.IsActive).GroupBy(NodeOf, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return [.. pods.Select(pod => new Ranked(pod, onNode.GetValueOrDefault(NodeOf(pod)))).Order(new Comparer(now.UtcDateTime)).Take(count).Select(r => r.Pod)];
    }

    private static string NodeOf(V1Pod pod) => pod.Spec?.NodeName ?? "";

    private readonly record struct Ranked(V1Pod Pod, int Rank);

    private sealed class Comparer(DateTime now) : IComparer<Ranked>
    {
        public int Compare(Ranked x, Ranked y)
        {
            var (a, b) = (x.Pod, y.Pod);
            if (First(!PodFacts.IsScheduled(a), !PodFacts.IsScheduled(b)) is var byNode and not 0) return byNode;
            if (Phase(a).CompareTo(Phase(b)) is var byPhase and not 0) return byPhase;
            if (First(!PodFacts.IsReady(a), !PodFacts.IsReady(b)) is var byReady and not 0) return byReady;
            if (Cost(a).CompareTo(Cost(b)) is var byCost and not 0) return byCost;
            if (y.Rank.CompareTo(x.Rank) is var byRank and not 0) return byRank;
            if (PodFacts.IsReady(a) && Younger(PodFacts.ReadySince(a), PodFacts.ReadySince(b), a, b) is var byReadyTime and not 0) return byReadyTime;
            var (restartsA, restartsB) = (PodFacts.MostRestarts(a), PodFacts.MostRestarts(b));
            if (restartsB.Regular.CompareTo(restartsA.Regular) is var byRestarts and not 0) return byRestarts;
            if (restartsB.Sidecar.CompareTo(restartsA.Sidecar) is var bySidecars and not 0) return bySidecars;
            return Younger(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp, a, b);
        }

        /// <summary>The younger goes first; ages of the same power of two count as equal, so that it is not always the same pod (KEP-2185).</summary>
        private int Younger(DateTime? a, DateTime? b, V1Pod podA, V1Pod podB)
        {
            if (a == b) return 0;
            if (a is null || b is null) return a is null ? -1 : 1;
            var difference = Logarithm(now - a.Value).CompareTo(Logarithm(now - b.Value));
            return difference != 0 ? difference : string.CompareOrdinal(podA.Metadata.Uid, podB.Metadata.Uid);
        }

        private static int Logarithm(TimeSpan age) => age <= TimeSpan.Zero ? -1 : (int)Math.Floor(Math.Log2(age.TotalNanoseconds));

        private static int First(bool a, bool b) => a == b ? 0 : a ? -1 : 1;

        private static int Phase(V1Pod pod) => pod.Status?.Phase switch { "Pending" or null or "" => 0, "Unknown" => 1, "Running" => 2, _ => 0 };

        private static int Cost(V1Pod pod) =>
            pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(DeletionCostAnnotation, out var cost) && int.TryParse(cost, out var value) ? value : 0;
    }
}
