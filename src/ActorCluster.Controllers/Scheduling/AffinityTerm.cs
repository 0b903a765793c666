using System.Collections.Immutable;
using ActorCluster.Api.Selectors;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Which pods a term of affinity or anti-affinity between pods is about, and within what kind of place (kube-scheduler/framework/types.go).</summary>
/// <param name="Key">The same for terms that mean the same.</param>
/// <param name="Namespaces">Pods of these, and of those that <paramref name="NamespaceSelector"/> selects.</param>
internal sealed record AffinityTerm(
    string Key, ImmutableSortedSet<string> Namespaces, LabelSelector NamespaceSelector, LabelSelector Selector, string TopologyKey)
{
    /// <param name="ns">Whose pod it is: its namespace is meant where none is named.</param>
    public static AffinityTerm From(V1PodAffinityTerm term, string ns)
    {
        var names = term.Namespaces is { Count: > 0 } named ? named.ToImmutableSortedSet(StringComparer.Ordinal)
            : term.NamespaceSelector is null ? [ns]
            : ImmutableSortedSet<string>.Empty;
        return Create(names, LabelSelector.FromModel(term.NamespaceSelector), LabelSelector.FromModel(term.LabelSelector), term.TopologyKey);
    }

    public bool Matches(SchedulingPod pod, IReadOnlyDictionary<string, string>? namespaceLabels) =>
        (Namespaces.Contains(pod.Namespace) || NamespaceSelector.Matches(namespaceLabels)) && Selector.Matches(pod.Labels);

    /// <summary>The same term with its namespaces by their names as they are now.</summary>
    public AffinityTerm Resolve(NamespaceLabels namespaces) =>
        IsNothing(NamespaceSelector) ? this : Create(Namespaces.Union(namespaces.Matching(NamespaceSelector)), LabelSelector.Nothing, Selector, TopologyKey);

    private static AffinityTerm Create(ImmutableSortedSet<string> namespaces, LabelSelector namespaceSelector, LabelSelector selector, string topologyKey) =>
        new($"{topologyKey}|{string.Join(',', namespaces)}|{Text(namespaceSelector)}|{Text(selector)}", namespaces, namespaceSelector, selector, topologyKey);

    private static string Text(LabelSelector selector) => selector.IsEverything ? "*" : IsNothing(selector) ? "-" : selector.ToString();

    private static bool IsNothing(LabelSelector selector) => ReferenceEquals(selector, LabelSelector.Nothing);
}
