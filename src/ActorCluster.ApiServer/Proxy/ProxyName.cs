using System.Globalization;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>What the name of a proxied object says: <c>name</c>, <c>name:port</c> or <c>scheme:name:port</c> (apimachinery/pkg/util/net/port_split.go).</summary>
/// <param name="Scheme">http, https, or "" where none is named.</param>
/// <param name="Port">A number, a port's name, or "".</param>
internal readonly record struct ProxyName(string Scheme, string Name, string Port)
{
    /// <summary>Null for what is no such name.</summary>
    public static ProxyName? Parse(string text)
    {
        var name = text.Split(':') switch
        {
            [var plain] => new ProxyName("", plain, ""),
            [var plain, var port] => new ProxyName("", plain, port),
            [var scheme, var plain, var port] => new ProxyName(scheme, plain, port),
            _ => default,
        };
        return name is { Name.Length: > 0, Scheme: "" or "http" or "https" } ? name : null;
    }

    public int? PortNumber => int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
