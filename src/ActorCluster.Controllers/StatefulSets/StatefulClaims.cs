using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>The claims of a StatefulSet's pods: their names, their owners (pkg/controller/statefulset/stateful_set_utils.go). Pure.</summary>
internal static class StatefulClaims
{
    private const string Delete = "Delete";

    /// <summary>The claims that a pod of the set has, by the names of its volumes.</summary>
    public static IReadOnlyList<(string Volume, V1PersistentVolumeClaim Claim)> Of(V1StatefulSet set, int ordinal) =>
        [.. (set.Spec.VolumeClaimTemplates ?? []).Select(template => (template.Metadata.Name, New(set, template, ordinal)))];

    /// <summary>Whether a claim of that name is one of the set's.</summary>
    public static bool IsNameOf(V1StatefulSet set, string claim) =>
        (set.Spec.VolumeClaimTemplates ?? []).Any(template => claim.StartsWith($"{template.Metadata.Name}-{set.Metadata.Name}-", StringComparison.Ordinal));

    /// <summary>The pod with its claims as volumes; they take the place of volumes of their names.</summary>
    public static V1Pod WithClaims(V1StatefulSet set, int ordinal, V1Pod pod)
    {
        var claims = Of(set, ordinal);
        if (claims.Count == 0) return pod;
        var names = claims.Select(claim => claim.Volume).ToHashSet(StringComparer.Ordinal);
        List<V1Volume> volumes =
        [
            .. claims.Select(claim => new V1Volume { Name = claim.Volume, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim.Claim.Metadata.Name } }),
            .. (pod.Spec.Volumes ?? []).Where(volume => !names.Contains(volume.Name)),
        ];
        pod.Spec = pod.Spec with { Volumes = volumes };
        return pod;
    }

    /// <summary>The claim still belongs to a pod that is gone and goes with it: a successor has to wait for that.</summary>
    public static bool IsStale(V1StatefulSet set, V1PersistentVolumeClaim claim, string podName) =>
        set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenScaled == Delete && Refs(claim).Any(reference => IsPod(reference, podName));

    /// <summary>Who should own the claim so that it goes when the set's policy says: the set, its pod, or nobody.</summary>
    /// <param name="isBeyond">The pod is one that scaling down takes away.</param>
    /// <returns>Null: as it is.</returns>
    public static List<V1OwnerReference>? OwnersOf(V1StatefulSet set, V1PersistentVolumeClaim claim, V1Pod pod, bool isBeyond)
    {
        var refs = Refs(claim);
        var (ofSet, ofPod) = (refs.FirstOrDefault(reference => IsSet(reference, set)), refs.FirstOrDefault(reference => IsPod(reference, pod.Metadata.Name)));
        // A namesake's that was deleted: the garbage collector knows what to do.
        if ((ofSet is not null && ofSet.Uid != set.Metadata.Uid) || (ofPod is not null && ofPod.Uid != pod.Metadata.Uid)) return null;
        var others = refs.Where(reference => !IsSet(reference, set) && !IsPod(reference, pod.Metadata.Name)).ToList();
        List<V1OwnerReference> wanted = [.. others];
        if (!HasOtherController(set, claim, pod))
        {
            var (whenDeleted, whenScaled) = (set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenDeleted == Delete, set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenScaled == Delete);
            if (whenScaled && isBeyond) wanted.Add(Owners.ControllerReference(pod, ApiVersions.Core, "Pod"));
            else if (whenDeleted) wanted.Add(OwnerKind.StatefulSet.Reference(set));
        }
        return Same(refs, wanted) ? null : wanted;
    }

    /// <summary>Somebody else controls the claim; then the policy doesn't apply.</summary>
    public static bool HasOtherController(V1StatefulSet set, V1PersistentVolumeClaim claim, V1Pod pod) =>
        set.Spec.PersistentVolumeClaimRetentionPolicy is { } policy && (policy.WhenDeleted == Delete || policy.WhenScaled == Delete)
        && Refs(claim).Any(reference => reference.Controller == true && !IsSet(reference, set) && !IsPod(reference, pod.Metadata.Name));

    private static V1PersistentVolumeClaim New(V1StatefulSet set, V1PersistentVolumeClaim template, int ordinal)
    {
        var labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>());
        foreach (var (key, value) in set.Spec.Selector.MatchLabels ?? new Dictionary<string, string>()) labels[key] = value;
        return new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{template.Metadata.Name}-{StatefulPods.NameOf(set, ordinal)}",
                NamespaceProperty = set.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = template.Metadata.Annotations,
            },
            Spec = template.Spec,
        };
    }

    private static IList<V1OwnerReference> Refs(V1PersistentVolumeClaim claim) => claim.Metadata.OwnerReferences ?? [];

    private static bool IsSet(V1OwnerReference reference, V1StatefulSet set) =>
        reference.Kind == OwnerKind.StatefulSet.Kind && reference.ApiVersion == OwnerKind.StatefulSet.ApiVersion && reference.Name == set.Metadata.Name;

    private static bool IsPod(V1OwnerReference reference, string name) => reference.Kind == "Pod" && reference.ApiVersion == ApiVersions.Core && reference.Name == name;

    private static bool Same(IList<V1OwnerReference> left, List<V1OwnerReference> right) =>
        left.Count == right.Count && left.All(reference => right.Exists(other => other.Uid == reference.Uid && other.Controller == reference.Controller));
}
