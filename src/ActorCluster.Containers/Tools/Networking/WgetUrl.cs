namespace ActorCluster.Containers.Tools.Networking;

/// <summary>A URL taken apart as wget does it.</summary>
/// <param name="Host">With its port, as it was written: what the messages and the Host header say.</param>
/// <param name="Path">Without its leading slash.</param>
/// <param name="User">"user:password"; null if there is none.</param>
internal sealed record WgetUrl(bool IsSecure, string Host, string Path, string? User)
{
    public ushort DefaultPort => (ushort)(IsSecure ? 443 : 80);

    public Uri ToUri() => new($"{(IsSecure ? "https" : "http")}://{Host}/{Path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    /// <exception cref="ToolException">Another protocol.</exception>
    public static WgetUrl Parse(string url)
    {
        var (protocol, rest) = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? (url[..at], url[(at + 3)..]) : ("http", url);
        if (protocol is not ("http" or "https")) throw new ToolException($"not an http or ftp url: {url}");
        var end = rest.IndexOfAny(['/', '?', '#']);
        var (host, path) = end < 0 ? (rest, "") : (rest[..end], rest[end] == '/' ? rest[(end + 1)..] : rest[end] == '?' ? rest[end..] : "");
        if (path.IndexOf('#', StringComparison.Ordinal) is >= 0 and var fragment) path = path[..fragment];
        var user = host.LastIndexOf('@') is >= 0 and var sign ? host[..sign] : null;
        return new WgetUrl(protocol == "https", user is null ? host : host[(user.Length + 1)..], path, user is null ? null : Uri.UnescapeDataString(user));
    }

    /// <summary>Where a Location header leads from here.</summary>
    public WgetUrl Follow(string location) => location.StartsWith('/') ? this with { Path = location[1..] } : Parse(location);

    /// <summary>The file that the answer is saved to.</summary>
    public string FileName => Path.Length == 0 || Path.EndsWith('/') ? "index.html" : Path[(Path.LastIndexOf('/') + 1)..];
}
