using System.Globalization;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>A Deployment's replica sets: the one of its present template, and those of earlier ones, the oldest first. Pure.</summary>
internal sealed record ReplicaSetFamily(V1ReplicaSet? New, IReadOnlyList<V1ReplicaSet> Old)
{
    public const string TemplateHashLabel = "pod-template-hash";

    public IReadOnlyList<V1ReplicaSet> All => New is null ? Old : [.. Old, New];

    public IReadOnlyList<V1ReplicaSet> Active => [.. All.Where(IsActive)];

    public IReadOnlyList<V1ReplicaSet> ActiveOld => [.. Old.Where(IsActive)];

    /// <summary>Sorts replica sets into the new one (the oldest with the deployment's template) and the others.</summary>
    public static ReplicaSetFamily Of(V1Deployment deployment, IEnumerable<V1ReplicaSet> sets)
    {
        var byAge = sets.OrderBy(Created).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal).ToList();
        var template = Comparable(deployment.Spec.Template);
        var current = byAge.Find(set => Comparable(set.Spec.Template) == template);
        return new(current, [.. byAge.Where(set => set != current)]);
    }

    /// <summary>Wanted pods of some replica sets.</summary>
    public static int Wanted(IEnumerable<V1ReplicaSet> sets) => sets.Sum(set => set.Spec.Replicas ?? 1);

    public static int Available(IEnumerable<V1ReplicaSet> sets) => sets.Sum(set => set.Status?.AvailableReplicas ?? 0);

    /// <summary>The highest revision among the old ones.</summary>
    public long MaxOldRevision => Old.Select(set => RevisionOf(set) ?? 0).DefaultIfEmpty().Max();

    public static long? RevisionOf(V1ReplicaSet set) =>
        set.Metadata.Annotations is { } annotations && annotations.TryGetValue(ReplicaSetAnnotations.Revision, out var text)
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var revision) ? revision : null;

    public static DateTime Created(V1ReplicaSet set) => set.Metadata.CreationTimestamp ?? DateTime.MinValue;

    private static bool IsActive(V1ReplicaSet set) => (set.Spec.Replicas ?? 1) > 0;

    private static string Comparable(V1PodTemplateSpec template)
    {
        if (template.Metadata?.Labels is not { } labels || !labels.ContainsKey(TemplateHashLabel)) return CanonicalJson.Of(template);
        var without = labels.Where(pair => pair.Key != TemplateHashLabel).ToDictionary(pair => pair.Key, pair => pair.Value);
        return CanonicalJson.Of(template with { Metadata = template.Metadata with { Labels = without } });
    }
}
