using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>One look at a StatefulSet's pods in their order. Pure.</summary>
/// <param name="Replicas">The pods that there should be, by ordinal from the first; null where none is.</param>
/// <param name="Condemned">Pods beyond, the highest ordinal first.</param>
/// <param name="Current">The name of the revision that is being left.</param>
/// <param name="Update">The name of the revision of the present template.</param>
internal sealed record StatefulView(
    V1StatefulSet Set, IReadOnlyList<V1Pod?> Replicas, IReadOnlyList<V1Pod> Condemned, string Current, string Update, DateTimeOffset Now)
{
    public static StatefulView Of(V1StatefulSet set, IEnumerable<V1Pod> pods, string current, string update, DateTimeOffset now)
    {
        var start = StatefulPods.Start(set);
        var replicas = new V1Pod?[StatefulPods.Replicas(set)];
        List<(int Ordinal, V1Pod Pod)> condemned = [];
        foreach (var pod in pods)
        {
            if (StatefulPods.OrdinalOf(set, pod) is not { } ordinal) continue;
            if (ordinal >= start && ordinal < start + replicas.Length) replicas[ordinal - start] = pod;
            else condemned.Add((ordinal, pod));
        }

        return new(set, replicas, [.. condemned.OrderByDescending(entry => entry.Ordinal).Select(entry => entry.Pod)], current, update, now);
    }

    public IEnumerable<V1Pod> Pods => Replicas.OfType<V1Pod>().Concat(Condemned);

    public int OrdinalAt(int index) => StatefulPods.Start(Set) + index;

    public bool IsAvailable(V1Pod pod) => StatefulPods.IsRunningAndReady(pod) && PodFacts.IsAvailable(pod, Set.Spec.MinReadySeconds ?? 0, Now);

    /// <summary>What is missing or on its way out serves nobody either.</summary>
    public bool IsUnavailable(V1Pod? pod) => pod is null || PodFacts.IsDeleting(pod) || !IsAvailable(pod);

    /// <summary>Whether a pod that is missing is made of the revision that is being left: below the partition, or while no partition is given, as many
    /// as there are of it.</summary>
    public bool IsOfCurrent(int index)
    {
        if (Set.Spec.UpdateStrategy is not { Type: "RollingUpdate" } strategy) return false;
        return index < (strategy.RollingUpdate is { } rolling ? rolling.Partition ?? 0 : Set.Status?.CurrentReplicas ?? 0);
    }

    public bool IsUpdated(V1Pod pod) => TemplateRevision.HashOf(pod) == Update;
}
