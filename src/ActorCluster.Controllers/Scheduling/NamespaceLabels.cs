using ActorCluster.Api.Selectors;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>The labels of namespaces, which terms of affinity may select.</summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class NamespaceLabels
{
    private readonly SortedDictionary<string, IReadOnlyDictionary<string, string>> _labels = new(StringComparer.Ordinal);

    public void Set(string name, IDictionary<string, string>? labels) => _labels[name] = new Dictionary<string, string>(labels ?? new Dictionary<string, string>());

    public void Remove(string name) => _labels.Remove(name);

    public IReadOnlyDictionary<string, string>? Of(string name) => _labels.GetValueOrDefault(name);

    public IEnumerable<string> Matching(LabelSelector selector) => _labels.Where(pair => selector.Matches(pair.Value)).Select(pair => pair.Key);
}
