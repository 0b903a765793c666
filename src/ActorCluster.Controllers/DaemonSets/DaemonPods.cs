using System.Globalization;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>Pods of DaemonSets: each pinned to its node, and hard to drive away from it (pkg/controller/daemon/util/daemonset_util.go). Pure.</summary>
internal static class DaemonPods
{
    private const string TemplateGenerationAnnotation = "deprecated.daemonset.template.generation";
    private const string TemplateGenerationLabel = "pod-template-generation";
    private const string NodeNameField = "metadata.name";

    private static readonly (string Key, string Effect)[] Tolerated =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/pid-pressure", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    /// <summary>A new pod for that node, which the scheduler will bind to it.</summary>
    public static V1Pod For(V1DaemonSet set, string node, string hash)
    {
        var pod = PodTemplates.PodFrom(set.Spec.Template, set, OwnerKind.DaemonSet.Reference(set));
        var labels = TemplateRevision.WithHash(pod.Metadata.Labels, hash);
        if (TemplateGeneration(set) is { } generation) labels[TemplateGenerationLabel] = generation;
        pod.Metadata.Labels = labels;
        pod.Spec = pod.Spec with { Tolerations = TolerationsOf(pod.Spec), Affinity = Pinned(pod.Spec.Affinity, node) };
        return pod;
    }

    /// <summary>The template's tolerations and those that every daemon pod has.</summary>
    public static List<V1Toleration> TolerationsOf(V1PodSpec spec)
    {
        var tolerations = (spec.Tolerations ?? []).ToList();
        foreach (var (key, effect) in Tolerated) Add(tolerations, key, effect);
        if (spec.HostNetwork == true) Add(tolerations, "node.kubernetes.io/network-unavailable", "NoSchedule");
        return tolerations;
    }

    /// <summary>The node that the pod is on or meant for; null if it says neither.</summary>
    public static string? NodeOf(V1Pod pod)
    {
        if (PodFacts.IsScheduled(pod)) return pod.Spec.NodeName;
        var terms = pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [];
        return terms.SelectMany(term => term.MatchFields ?? [])
            .FirstOrDefault(field => field.Key == NodeNameField && field.OperatorProperty == "In") is { Values: [var name] } ? name : null;
    }

    /// <summary>Whether the pod is of the present template.</summary>
    public static bool IsUpdated(V1DaemonSet set, V1Pod pod, string hash) =>
        (hash.Length > 0 && TemplateRevision.HashOf(pod) == hash)
        || (TemplateGeneration(set) is { } generation && pod.Metadata.Labels is { } labels
            && labels.TryGetValue(TemplateGenerationLabel, out var label) && label == generation);

    /// <summary>Those on nodes first, and of these the oldest.</summary>
    public static IEnumerable<V1Pod> InOrder(IEnumerable<V1Pod> pods) => pods
        .OrderBy(pod => !PodFacts.IsScheduled(pod))
        .ThenBy(pod => pod.Metadata.CreationTimestamp ?? DateTime.MinValue)
        .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal);

    private static void Add(List<V1Toleration> tolerations, string key, string effect)
    {
        var toleration = new V1Toleration { Key = key, OperatorProperty = "Exists", Effect = effect };
        // One that says the same of a taint but for how long gives way.
        var present = tolerations.FindIndex(t => t.Key == key && t.Effect == effect && t.OperatorProperty == "Exists" && string.IsNullOrEmpty(t.Value));
        if (present >= 0) tolerations[present] = toleration;
        else tolerations.Add(toleration);
    }

    private static V1Affinity Pinned(V1Affinity? affinity, string node)
    {
        var pin = new V1NodeSelector
        {
            NodeSelectorTerms = [new V1NodeSelectorTerm { MatchFields = [new V1NodeSelectorRequirement { Key = NodeNameField, OperatorProperty = "In", Values = [node] }] }],
        };
        return (affinity ?? new V1Affinity()) with
        {
            NodeAffinity = (affinity?.NodeAffinity ?? new V1NodeAffinity()) with { RequiredDuringSchedulingIgnoredDuringExecution = pin },
        };
    }

    /// <summary>The count of the set's templates, which older pods were told apart by; null if there is none.</summary>
    private static string? TemplateGeneration(V1DaemonSet set) =>
        set.Metadata.Annotations is { } annotations && annotations.TryGetValue(TemplateGenerationAnnotation, out var text)
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation)
            ? generation.ToString(CultureInfo.InvariantCulture) : null;
}
