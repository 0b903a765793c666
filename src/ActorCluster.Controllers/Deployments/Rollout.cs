using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>One replica set is to get another size.</summary>
internal readonly record struct ScaleStep(V1ReplicaSet Set, int Replicas);

/// <summary>How far a rollout may go now (pkg/controller/deployment/{rolling,recreate,sync}.go). Pure.</summary>
internal static class Rollout
{
    /// <summary>The size of the new replica set: as large as the surge allows beside what the others hold.</summary>
    public static int NewReplicas(V1Deployment deployment, IEnumerable<V1ReplicaSet> all, int current)
    {
        var wanted = RollingBounds.Replicas(deployment);
        if (!RollingBounds.IsRollingUpdate(deployment)) return wanted;
        if (current >= wanted) return wanted;
        var total = ReplicaSetFamily.Wanted(all);
        var limit = wanted + RollingBounds.MaxSurge(deployment);
        return total >= limit ? current : current + Math.Min(limit - total, wanted - current);
    }

    /// <summary>Which old replica sets shrink, and to what: first those with pods that are not available anyway, then as many available pods as
    /// may be missing.</summary>
    public static IReadOnlyList<ScaleStep> ShrinkOld(V1Deployment deployment, V1ReplicaSet current, IReadOnlyList<V1ReplicaSet> old)
    {
        var byAge = old.Where(set => Size(set) > 0).OrderBy(ReplicaSetFamily.Created).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal).ToList();
        if (byAge.Count == 0) return [];
        var minAvailable = RollingBounds.Replicas(deployment) - RollingBounds.MaxUnavailable(deployment);
        var newUnavailable = Size(current) - Available(current);
        var mayGo = ReplicaSetFamily.Wanted(byAge) + Size(current) - minAvailable - newUnavailable;
        if (mayGo <= 0) return [];

        var sizes = byAge.ToDictionary(set => set.Metadata.Name, Size);
        var unhealthy = 0;
        foreach (var set in byAge)
        {
            var gone = Math.Min(mayGo - unhealthy, Size(set) - Available(set));
            if (gone <= 0) continue;
            sizes[set.Metadata.Name] -= gone;
            unhealthy += gone;
        }

        var availableMayGo = ReplicaSetFamily.Available(byAge) + Available(current) - minAvailable;
        foreach (var set in byAge)
        {
            var gone = Math.Min(sizes[set.Metadata.Name], availableMayGo);
            if (gone <= 0) continue;
            sizes[set.Metadata.Name] -= gone;
            availableMayGo -= gone;
        }

        return [.. byAge.Where(set => sizes[set.Metadata.Name] != Size(set)).Select(set => new ScaleStep(set, sizes[set.Metadata.Name]))];
    }

    /// <summary>Recreate: whether pods of earlier templates still run, so that the new ones must wait.</summary>
    public static bool OldPodsRunning(ReplicaSetFamily family, Func<V1ReplicaSet, IEnumerable<V1Pod>> podsOf) =>
        family.Old.Any(set => (set.Status?.Replicas ?? 0) > 0 || podsOf(set).Any(pod => pod.Status?.Phase is not ("Failed" or "Succeeded")));

    /// <summary>Whether the deployment's size changed since its replica sets were last sized.</summary>
    public static bool IsScalingEvent(V1Deployment deployment, ReplicaSetFamily family) =>
        family.Active.Any(set => ReplicaSetAnnotations.Number(set, ReplicaSetAnnotations.DesiredReplicas) is { } desired
            && desired != RollingBounds.Replicas(deployment));

    /// <summary>The new sizes when the deployment is scaled, also amidst a rollout: every active replica set gets its share.</summary>
    /// <returns>Steps in their order; a step may leave the size and only renew the annotations.</returns>
    public static IReadOnlyList<ScaleStep> ScaleProportionally(V1Deployment deployment, ReplicaSetFamily family)
    {
        var wanted = RollingBounds.Replicas(deployment);
        if (ActiveOrLatest(family) is { } only) return Size(only) == wanted ? [] : [new(only, wanted)];
        if (family.New is not null && IsSaturated(deployment, family.New)) return [.. family.ActiveOld.Select(set => new ScaleStep(set, 0))];
        if (!RollingBounds.IsRollingUpdate(deployment)) return [];

        var allowed = wanted > 0 ? wanted + RollingBounds.MaxSurge(deployment) : 0;
        var toAdd = allowed - ReplicaSetFamily.Wanted(family.Active);
        var bySize = family.Active.OrderByDescending(Size);
        var active = (toAdd > 0
            ? bySize.ThenByDescending(ReplicaSetFamily.Created).ThenByDescending(set => set.Metadata.Name, StringComparer.Ordinal)
            : bySize.ThenBy(ReplicaSetFamily.Created).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal)).ToList();
        var added = 0;
        var sizes = new List<int>();
        foreach (var set in active)
        {
            var share = toAdd == 0 ? 0 : Share(deployment, set, toAdd, added);
            sizes.Add(Size(set) + share);
            added += share;
        }

        if (toAdd != 0 && active.Count > 0) sizes[0] = Math.Max(0, sizes[0] + toAdd - added);
        return [.. active.Zip(sizes, (set, size) => new ScaleStep(set, size))];
    }

    private static V1ReplicaSet? ActiveOrLatest(ReplicaSetFamily family) => family.Active switch
    {
        [] => family.New ?? (family.Old.Count > 0 ? family.Old[^1] : null),
        [var only] => only,
        _ => null,
    };

    private static bool IsSaturated(V1Deployment deployment, V1ReplicaSet set)
    {
        var wanted = RollingBounds.Replicas(deployment);
        return ReplicaSetAnnotations.Number(set, ReplicaSetAnnotations.DesiredReplicas) == wanted && Size(set) == wanted && Available(set) == wanted;
    }

    private static int Share(V1Deployment deployment, V1ReplicaSet set, int toAdd, int added)
    {
        if (Size(set) == 0 || toAdd == added) return 0;
        var fraction = Fraction(deployment, set);
        return toAdd > 0 ? Math.Min(fraction, toAdd - added) : Math.Max(fraction, toAdd - added);
    }

    private static int Fraction(V1Deployment deployment, V1ReplicaSet set)
    {
        var wanted = RollingBounds.Replicas(deployment);
        if (wanted == 0) return -Size(set);
        var before = ReplicaSetAnnotations.Number(set, ReplicaSetAnnotations.MaxReplicas) is > 0 and var annotated ? annotated : deployment.Status?.Replicas ?? 0;
        if (before == 0) return 0;
        var scaled = (double)Size(set) * (wanted + RollingBounds.MaxSurge(deployment)) / before;
        return (int)Math.Round(scaled, MidpointRounding.AwayFromZero) - Size(set);
    }

    private static int Size(V1ReplicaSet set) => set.Spec.Replicas ?? 1;

    private static int Available(V1ReplicaSet set) => set.Status?.AvailableReplicas ?? 0;
}
