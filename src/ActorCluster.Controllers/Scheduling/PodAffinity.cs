using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>What a pod says of the company that it wants, parsed once.</summary>
/// <param name="Preferred">Preferred terms; those of anti-affinity with negative weights.</param>
internal sealed record PodAffinity(IReadOnlyList<AffinityTerm> Required, IReadOnlyList<AffinityTerm> RequiredAnti, IReadOnlyList<WeightedTerm> Preferred)
{
    public static readonly PodAffinity None = new([], [], []);

    public static PodAffinity From(V1Pod pod)
    {
        if (pod.Spec.Affinity is not { } affinity || (affinity.PodAffinity is null && affinity.PodAntiAffinity is null)) return None;
        var ns = pod.Metadata.NamespaceProperty;
        return new(
            Terms(affinity.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution),
            Terms(affinity.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution),
            [
                .. Weighted(affinity.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, 1),
                .. Weighted(affinity.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, -1),
            ]);

        List<AffinityTerm> Terms(IList<V1PodAffinityTerm>? terms) => [.. (terms ?? []).Select(term => AffinityTerm.From(term, ns))];
        IEnumerable<WeightedTerm> Weighted(IList<V1WeightedPodAffinityTerm>? terms, int sign) =>
            (terms ?? []).Select(term => new WeightedTerm(AffinityTerm.From(term.PodAffinityTerm, ns), term.Weight * sign));
    }
}
