using ActorCluster.Api.Selectors;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>A question that a pod matches or not.</summary>
/// <param name="Key">The same for questions that mean the same.</param>
/// <param name="Namespaces">No pod of another namespace matches.</param>
internal sealed record PodMatch(string Key, IReadOnlyCollection<string> Namespaces, Func<SchedulingPod, bool> Matches)
{
    /// <summary>Pods of a namespace that the selector selects and that aren't on their way out (countPodsMatchSelector in plugins/podtopologyspread).</summary>
    public static PodMatch OfSpread(string ns, LabelSelector selector) =>
        new($"spread|{ns}|{selector}", [ns], pod => !pod.IsTerminating && pod.Namespace == ns && selector.Matches(pod.Labels));

    /// <summary>Pods that match all of the terms, whose namespaces are named.</summary>
    public static PodMatch OfTerms(IReadOnlyList<AffinityTerm> terms) => new(
        $"terms|{string.Join('|', terms.Select(term => term.Key))}",
        terms[0].Namespaces,
        pod => terms.All(term => term.Matches(pod, namespaceLabels: null)));
}
