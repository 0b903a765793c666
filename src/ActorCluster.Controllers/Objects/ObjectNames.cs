namespace ActorCluster.Controllers.Objects;

/// <summary>The "ns/name" keys of queues and caches; "/name" for cluster-scoped objects.</summary>
internal static class ObjectNames
{
    public static string Join(string? ns, string name) => $"{ns}/{name}";

    public static (string Namespace, string Name) Split(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return (key[..slash], key[(slash + 1)..]);
    }
}
