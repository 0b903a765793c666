using ActorCluster.Api;

namespace ActorCluster.ApiServer.Http;

/// <summary>A path under /api/{version} or /apis/{group}/{version} that names a resource.</summary>
/// <param name="Rest">What follows the sub-resource (proxy paths), without a leading slash.</param>
internal sealed record ResourcePath(ResourceName Resource, string Version, string Namespace, string Name, string Subresource, string Rest)
{
    /// <summary>Null for a path that names no resource: discovery, health, anything else.</summary>
    public static ResourcePath? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api", var version, .. { Length: > 0 } rest] => Parse("", version, rest),
            ["apis", var group, var version, .. { Length: > 0 } rest] => Parse(group, version, rest),
            _ => null,
        };
    }

    private static ResourcePath Parse(string group, string version, string[] parts)
    {
        var ns = "";
        // namespaces/x is a namespace, namespaces/x/status a part of it, namespaces/x/pods is what's in it.
        if (parts is ["namespaces", var home, var next, ..] && !(group.Length == 0 && next is "status" or "finalize" && parts.Length == 3))
        {
            ns = home;
            parts = parts[2..];
        }
        return new ResourcePath(
            new ResourceName(group, parts[0]),
            version,
            ns,
            parts.Length > 1 ? parts[1] : "",
            parts.Length > 2 ? parts[2] : "",
            parts.Length > 3 ? string.Join('/', parts[3..]) : "");
    }
}
