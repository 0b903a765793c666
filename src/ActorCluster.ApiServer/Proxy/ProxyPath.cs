namespace ActorCluster.ApiServer.Proxy;

/// <summary>A request's raw target, taken apart: /api/v1/namespaces/x/services/y/proxy | /path | ?query. Nothing is decoded on the way.</summary>
/// <param name="Prefix">Up to and with "proxy".</param>
/// <param name="Rest">The path at the far end: "" or beginning with a slash.</param>
/// <param name="Query">"" or beginning with a question mark.</param>
internal readonly record struct ProxyPath(string Prefix, string Rest, string Query)
{
    /// <param name="rawTarget">The request line's target in origin or absolute form.</param>
    /// <param name="segments">How many segments the prefix has.</param>
    public static ProxyPath Split(string rawTarget, int segments)
    {
        if (!rawTarget.StartsWith('/') && Uri.TryCreate(rawTarget, UriKind.Absolute, out var absolute)) rawTarget = absolute.PathAndQuery;
        var mark = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = mark < 0 ? (rawTarget, "") : (rawTarget[..mark], rawTarget[mark..]);
        var end = 0;
        for (; segments > 0 && end < path.Length; segments--)
        {
            while (end < path.Length && path[end] == '/') end++;
            while (end < path.Length && path[end] != '/') end++;
        }
        return new ProxyPath(path[..end], path[end..], query);
    }

    /// <summary>
    /// A Location that the far end gave, as the client must follow it: links to the far end's own host lead back through the proxy
    /// (apimachinery/pkg/util/proxy/transport.go, rewriteURL).
    /// </summary>
    /// <param name="location">As the far end gave it.</param>
    /// <param name="target">host[:port] of the far end.</param>
    /// <param name="host">The host that the client asked.</param>
    public string Rewrite(string location, string target, string host)
    {
        var (start, authority, path) = SplitLocation(location);
        if (authority.Length > 0 && authority != target && authority != host) return location;
        if (!path.StartsWith('/')) return location;
        var origin = authority.Length > 0 && authority == host ? start : "";
        return path.StartsWith(Prefix, StringComparison.Ordinal) ? origin + path : origin + Prefix + path;
    }

    private static (string Start, string Authority, string Path) SplitLocation(string location)
    {
        var slashes = location.IndexOf("//", StringComparison.Ordinal);
        // Only a scheme may stand before the authority; "/a//b" is a path.
        if (slashes < 0 || (slashes > 0 && (location[slashes - 1] != ':' || location.AsSpan(0, slashes).Contains('/')))) return ("", "", location);
        var from = slashes + 2;
        var end = location.AsSpan(from).IndexOfAny('/', '?', '#');
        return end < 0 ? (location, location[from..], "") : (location[..(from + end)], location[from..(from + end)], location[(from + end)..]);
    }
}
