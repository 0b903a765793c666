using System.Globalization;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>Pods of StatefulSets: who each is, by its ordinal (pkg/controller/statefulset/stateful_set_utils.go). Pure.</summary>
internal static class StatefulPods
{
    public const string PodNameLabel = "statefulset.kubernetes.io/pod-name";
    public const string PodIndexLabel = "apps.kubernetes.io/pod-index";

    public static string NameOf(V1StatefulSet set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{ordinal}");

    public static int Start(V1StatefulSet set) => set.Spec.Ordinals?.Start ?? 0;

    public static int Replicas(V1StatefulSet set) => set.Spec.Replicas ?? 1;

    /// <summary>The pod's number, if its name is one of the set's; else null.</summary>
    public static int? OrdinalOf(V1StatefulSet set, V1Pod pod)
    {
        var prefix = set.Metadata.Name + "-";
        var name = pod.Metadata.Name;
        return name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            ? ordinal : null;
    }

    /// <summary>A new pod with the name, host name, labels and claims of its ordinal.</summary>
    /// <param name="revision">The revision that the template is of.</param>
    public static V1Pod For(V1StatefulSet set, int ordinal, V1PodTemplateSpec template, string revision)
    {
        var pod = PodTemplates.PodFrom(template, set, OwnerKind.StatefulSet.Reference(set));
        pod.Metadata.Name = NameOf(set, ordinal);
        var labels = TemplateRevision.WithHash(pod.Metadata.Labels, revision);
        foreach (var (key, value) in IdentityOf(set, ordinal)) labels[key] = value;
        pod.Metadata.Labels = labels;
        pod.Spec = pod.Spec with { Hostname = pod.Metadata.Name, Subdomain = set.Spec.ServiceName };
        return StatefulClaims.WithClaims(set, ordinal, pod);
    }

    /// <summary>The labels that say which of the set's pods one is.</summary>
    public static Dictionary<string, string> IdentityOf(V1StatefulSet set, int ordinal) => new()
    {
        [PodNameLabel] = NameOf(set, ordinal),
        [PodIndexLabel] = ordinal.ToString(CultureInfo.InvariantCulture),
    };

    public static bool HasIdentity(V1Pod pod) =>
        pod.Metadata.Labels is { } labels && labels.TryGetValue(PodNameLabel, out var name) && name == pod.Metadata.Name;

    public static bool IsRunningAndReady(V1Pod pod) => pod.Status?.Phase == "Running" && PodFacts.IsReady(pod);
}
