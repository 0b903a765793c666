using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Services;

/// <summary>Which pods a service selects and which services select a pod, without looking at all of either.</summary>
internal sealed class ServicePodIndex(SharedInformers informers)
{
    private readonly InformerIndex<V1Pod> _podsByLabel = informers.Index<V1Pod>("label",
        static pod => pod.Metadata.Labels is { } labels ? labels.Select(label => Key(pod.Metadata.NamespaceProperty, label)) : []);

    private readonly InformerIndex<V1Service> _servicesBySelector = informers.Index<V1Service>("selector",
        static service => ServicePods.HasManagedEndpoints(service) ? [Key(service.Metadata.NamespaceProperty, Leading(service))] : []);

    public IReadOnlyList<V1Pod> PodsOf(V1Service service)
    {
        // Any label of the selector would do; the rarest has the fewest pods to look at.
        var rarest = service.Spec.Selector.Select(label => Key(service.Metadata.NamespaceProperty, label)).MinBy(_podsByLabel.Count)!;
        return [.. _podsByLabel.Get(rarest).Where(pod => LabelSelectors.MatchesService(service.Spec.Selector, pod.Metadata.Labels))];
    }

    public IEnumerable<V1Service> ServicesOf(V1Pod pod) =>
        (pod.Metadata.Labels ?? new Dictionary<string, string>())
        .SelectMany(label => _servicesBySelector.Get(Key(pod.Metadata.NamespaceProperty, label)))
        .Where(service => LabelSelectors.MatchesService(service.Spec.Selector, pod.Metadata.Labels));

    /// <summary>Puts the services of a changed pod into the queue: those that select it now or did before.</summary>
    public void EnqueueServicesOf(V1Pod? before, V1Pod? after, IReconcileQueue queue)
    {
        if (before is not null && after is not null && !MatterOfEndpoints(before, after)) return;
        var services = (before is null ? [] : ServicesOf(before)).Concat(after is null ? [] : ServicesOf(after));
        foreach (var key in services.Select(s => ObjectNames.Join(s.Metadata.NamespaceProperty, s.Metadata.Name)).Distinct()) queue.Add(key);
    }

    private static bool MatterOfEndpoints(V1Pod before, V1Pod after) =>
        before.Metadata.Uid != after.Metadata.Uid
        || PodFacts.IsReady(before) != PodFacts.IsReady(after)
        || PodFacts.IsDeleting(before) != PodFacts.IsDeleting(after)
        || PodFacts.IsTerminal(before) != PodFacts.IsTerminal(after)
        || before.Status?.PodIP != after.Status?.PodIP
        || (before.Status?.PodIPs?.Count ?? 0) != (after.Status?.PodIPs?.Count ?? 0)
        || before.Spec.NodeName != after.Spec.NodeName
        || !LabelsEqual(before.Metadata.Labels, after.Metadata.Labels);

    private static bool LabelsEqual(IDictionary<string, string>? left, IDictionary<string, string>? right) =>
        (left?.Count ?? 0) == (right?.Count ?? 0) && (left is null || LabelSelectors.ContainsAll(right, left));

    private static KeyValuePair<string, string> Leading(V1Service service) => service.Spec.Selector.MinBy(pair => pair.Key, StringComparer.Ordinal);

    private static string Key(string ns, KeyValuePair<string, string> label) => $"{ns}|{label.Key}={label.Value}";
}
