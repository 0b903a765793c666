using ActorCluster.Api.Chaos;
using ActorCluster.Api.Selectors;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Chaos;

/// <summary>Which pods an experiment's selector selects (pkg/selector/pod and pkg/selector/generic of Chaos Mesh). Pure.</summary>
internal static class PodSelection
{
    /// <summary>In the order of namespaces and names.</summary>
    public static IReadOnlyList<V1Pod> Select(PodSelectorSpec selector, IEnumerable<V1Pod> pods, IReadOnlyCollection<V1Node> nodes)
    {
        // Pods that are named count alone.
        if (selector.Pods is { Count: > 0 } named)
            return [.. pods.Where(pod => named.TryGetValue(pod.Metadata.NamespaceProperty, out var names) && names.Contains(pod.Metadata.Name))];
        var labels = LabelSelector.FromModel(new V1LabelSelector { MatchLabels = selector.LabelSelectors, MatchExpressions = selector.ExpressionSelectors });
        var hosts = Hosts(selector, nodes);
        return
        [
            .. pods.Where(pod => selector.Namespaces is not { Count: > 0 } namespaces || namespaces.Contains(pod.Metadata.NamespaceProperty))
                .Where(pod => labels.Matches(PodFacts.LabelsOf(pod)))
                .Where(pod => selector.AnnotationSelectors is not { } annotations || LabelSelectors.ContainsAll(pod.Metadata.Annotations, annotations))
                .Where(pod => selector.FieldSelectors is not { } fields || fields.All(field => FieldOf(pod, field.Key) == field.Value))
                .Where(pod => hosts?.Contains(pod.Spec.NodeName ?? "") != false)
                .Where(pod => HasPhase(pod, selector.PodPhaseSelectors)),
        ];
    }

    /// <summary>Null: any.</summary>
    private static HashSet<string>? Hosts(PodSelectorSpec selector, IReadOnlyCollection<V1Node> nodes)
    {
        if (selector.Nodes is not { Count: > 0 } && selector.NodeSelectors is not { Count: > 0 }) return null;
        var known = nodes.Where(node => selector.Nodes?.Contains(node.Metadata.Name) == true
            || (selector.NodeSelectors is { Count: > 0 } labels && LabelSelectors.ContainsAll(node.Metadata.Labels, labels)));
        return [.. known.Select(node => node.Metadata.Name)];
    }

    /// <summary>The fields of a pod that a field selector knows.</summary>
    private static string FieldOf(V1Pod pod, string field) => field switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.NamespaceProperty,
        "spec.nodeName" => pod.Spec.NodeName,
        "spec.restartPolicy" => pod.Spec.RestartPolicy,
        "spec.schedulerName" => pod.Spec.SchedulerName,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName,
        "status.phase" => pod.Status?.Phase,
        "status.podIP" => pod.Status?.PodIPs?.FirstOrDefault()?.Ip,
        "status.nominatedNodeName" => pod.Status?.NominatedNodeName,
        _ => null,
    } ?? "";

    /// <summary>"Running" wants it, "!Pending" doesn't.</summary>
    private static bool HasPhase(V1Pod pod, List<string>? phases)
    {
        var phase = pod.Status?.Phase ?? "";
        if (phases is not { Count: > 0 }) return true;
        return !phases.Contains("!" + phase) && (phases.All(wanted => wanted.StartsWith('!')) || phases.Contains(phase));
    }
}
