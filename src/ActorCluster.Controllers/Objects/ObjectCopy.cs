using k8s;

namespace ActorCluster.Controllers.Objects;

/// <summary>Copies of cached objects that may be changed.</summary>
internal static class ObjectCopy
{
    public static T Deep<T>(T item) where T : class => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(item));

    /// <summary>Whether two model objects say the same: by their JSON with absent, null and empty collections taken as equal
    /// (upstream's Semantic.DeepEqual).</summary>
    public static bool SemanticallyEqual(object? left, object? right) => ReferenceEquals(left, right) || CanonicalJson.AreSame(left, right);
}
