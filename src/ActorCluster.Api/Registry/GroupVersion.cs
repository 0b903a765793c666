namespace ActorCluster.Api.Registry;

/// <summary>An object's apiVersion, "apps/v1" or, of the core group, "v1".</summary>
/// <param name="Group">"" for the core group.</param>
public readonly record struct GroupVersion(string Group, string Version)
{
    public static GroupVersion Parse(string apiVersion)
    {
        ArgumentNullException.ThrowIfNull(apiVersion);
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new("", apiVersion) : new(apiVersion[..slash], apiVersion[(slash + 1)..]);
    }
}
