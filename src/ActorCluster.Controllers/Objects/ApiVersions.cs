namespace ActorCluster.Controllers.Objects;

/// <summary>The apiVersion values that controllers write into references, and what is in them.</summary>
internal static class ApiVersions
{
    public const string Core = "v1";
    public const string Apps = "apps/v1";
    public const string Batch = "batch/v1";
    public const string Discovery = "discovery.k8s.io/v1";

    /// <returns>"" for the core group.</returns>
    public static string GroupOf(string? apiVersion) => apiVersion?.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? apiVersion[..slash] : "";
}
