using ActorCluster.Nodes.Volumes;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

internal enum ReferencedKind
{
    ConfigMap,
    Secret,
}

internal readonly record struct ReferencedObject(ReferencedKind Kind, string Namespace, string Name);

/// <summary>The names of the ConfigMaps and Secrets, and the tokens, that a pod's volumes and variables refer to.</summary>
/// <param name="HasClaims">There are volumes that are claimed.</param>
internal sealed record PodReferences(IReadOnlySet<string> ConfigMaps, IReadOnlySet<string> Secrets, IReadOnlyList<V1ServiceAccountTokenProjection> Tokens, bool HasClaims = false)
{
    private static readonly HashSet<string> None = [];

    public static PodReferences Of(V1PodSpec spec)
    {
        var maps = new HashSet<string>(StringComparer.Ordinal);
        var secrets = new HashSet<string>(StringComparer.Ordinal);
        var tokens = new List<V1ServiceAccountTokenProjection>();
        foreach (var volume in spec.Volumes ?? [])
        {
            if (volume.ConfigMap is { } map) maps.Add(map.Name);
            if (volume.Secret is { } secret) secrets.Add(secret.SecretName);
            foreach (var source in volume.Projected?.Sources ?? [])
            {
                if (source.ConfigMap is { } projectedMap) maps.Add(projectedMap.Name);
                if (source.Secret is { } projectedSecret) secrets.Add(projectedSecret.Name);
                if (source.ServiceAccountToken is { } token) tokens.Add(token);
            }
        }
        foreach (var container in spec.Containers.Concat(spec.InitContainers ?? []))
        {
            AddAll(container.Env, container.EnvFrom, maps, secrets);
        }
        foreach (var container in spec.EphemeralContainers ?? []) AddAll(container.Env, container.EnvFrom, maps, secrets);
        return new PodReferences(Compact(maps), Compact(secrets), tokens.Count == 0 ? [] : tokens, spec.Volumes?.Any(ClaimedVolumes.IsClaimed) == true);
    }

    public bool Contains(ReferencedObject changed) => (changed.Kind == ReferencedKind.ConfigMap ? ConfigMaps : Secrets).Contains(changed.Name);

    /// <summary>There are many pods, and what few of them name few.</summary>
    private static HashSet<string> Compact(HashSet<string> names)
    {
        names.TrimExcess();
        return names.Count == 0 ? None : names;
    }

    private static void AddAll(IList<V1EnvVar>? variables, IList<V1EnvFromSource>? sources, HashSet<string> maps, HashSet<string> secrets)
    {
        foreach (var source in sources ?? [])
        {
            if (source.ConfigMapRef is { } map) maps.Add(map.Name);
            if (source.SecretRef is { } secret) secrets.Add(secret.Name);
        }
        foreach (var variable in variables ?? [])
        {
            if (variable.ValueFrom?.ConfigMapKeyRef is { } map) maps.Add(map.Name);
            if (variable.ValueFrom?.SecretKeyRef is { } secret) secrets.Add(secret.Name);
        }
    }
}
