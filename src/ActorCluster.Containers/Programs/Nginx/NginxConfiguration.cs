using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>A whole configuration, ready to serve.</summary>
internal sealed record NginxConfiguration(ImmutableArray<NginxServer> Servers, string ErrorLog, NginxLogLevel ErrorLevel, string PidFile)
{
    /// <summary>What to bind, each once, in the order of the files: an address of its own needs no socket where the wildcard has that port.</summary>
    public IReadOnlyList<SocketAddress> Listens
    {
        get
        {
            var all = AllListens.ToList();
            return [.. all.Where(address => address.Address == IpAddress.AnyV6 || !(all.Contains(V6Wildcard(address)) || (!address.Address.IsAny && all.Contains(Wildcard(address)))))];
        }
    }

    private IEnumerable<SocketAddress> AllListens => Servers.SelectMany(server => server.Listens).Select(listen => listen.Address).Distinct();

    /// <summary>The wildcards of the files for which one of <see cref="Listens"/> is bound, in their order; another address only for itself.</summary>
    public IEnumerable<SocketAddress> NamesOf(SocketAddress bound) =>
        bound.Address == IpAddress.AnyV6 ? AllListens.Where(address => address.Port == bound.Port && address.Address.IsAny) : [bound];

    /// <summary>The server that answers a request for <paramref name="host"/> at a connection's own address (nginx.org/en/docs/http/request_processing.html).</summary>
    public NginxServer SelectServer(SocketAddress local, string host)
    {
        var bound = Servers.Any(server => server.Listens.Any(listen => listen.Address == local)) ? local : Wildcard(local);
        var candidates = Servers.Where(server => server.Listens.Any(listen => listen.Address == bound)).ToList();
        // Connections of a socket that a reload dropped.
        if (candidates.Count == 0) candidates = [.. Servers];
        return candidates.Find(server => server.Names.Any(name => name.IsExactly(host)))
            ?? candidates.SelectMany(server => server.Names.Where(name => name.HasLeadingWildcardFor(host)).Select(name => (server, name)))
                .OrderByDescending(pair => pair.name.Text.Length).Select(pair => pair.server).FirstOrDefault()
            ?? candidates.SelectMany(server => server.Names.Where(name => name.HasTrailingWildcardFor(host)).Select(name => (server, name)))
                .OrderByDescending(pair => pair.name.Text.Length).Select(pair => pair.server).FirstOrDefault()
            ?? candidates.Find(server => server.Names.Any(name => name.Regex?.IsMatch(host) == true))
            ?? candidates.Find(server => server.Listens.Any(listen => listen.Address == bound && listen.IsDefault))
            ?? candidates[0];
    }

    /// <summary>A socket bound to :: takes IPv4 connections, too: there is no ipv6only here, so it stands for both.</summary>
    private static SocketAddress V6Wildcard(SocketAddress address) => address with { Address = IpAddress.AnyV6 };

    private static SocketAddress Wildcard(SocketAddress address) => new(address.Address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, address.Port);
}

internal sealed record NginxListen(SocketAddress Address, bool IsDefault);

internal sealed record NginxServer(ImmutableArray<NginxListen> Listens, ImmutableArray<NginxServerName> Names, NginxLocation Root)
{
    /// <summary>$server_name, and what the error log prints.</summary>
    public string PrimaryName => Names is [var first, ..] ? first.Text : "";
}

/// <param name="Regex">For "~pattern".</param>
internal sealed record NginxServerName(string Text, Regex? Regex)
{
    public bool IsExactly(string host) =>
        Regex is null && (Text.Equals(host, StringComparison.OrdinalIgnoreCase) || (Text.StartsWith('.') && Text.AsSpan(1).Equals(host, StringComparison.OrdinalIgnoreCase)));

    public bool HasLeadingWildcardFor(string host) =>
        Regex is null && (Text.StartsWith("*.", StringComparison.Ordinal) || Text.StartsWith('.')) &&
        host.EndsWith(Text.TrimStart('*'), StringComparison.OrdinalIgnoreCase);

    public bool HasTrailingWildcardFor(string host) =>
        Regex is null && Text.EndsWith(".*", StringComparison.Ordinal) && host.StartsWith(Text[..^1], StringComparison.OrdinalIgnoreCase);
}

internal enum NginxMatch
{
    Prefix,

    /// <summary>"^~": if it is the longest prefix, no regular expression is asked.</summary>
    PrefixOnly,
    Exact,
    Regex,

    /// <summary>"@name": only by an internal redirect.</summary>
    Named,
}

/// <summary>A location block; a server's own level is its root location, with the prefix "".</summary>
internal sealed record NginxLocation(NginxMatch Match, string Pattern, Regex? Regex, NginxSettings Settings)
{
    public ImmutableArray<NginxLocation> Children { get; init; } = [];
    public NginxReturn? Return { get; init; }
    public ImmutableArray<NginxTemplate> TryFiles { get; init; } = [];
    public ImmutableArray<(string Name, NginxTemplate Value)> Variables { get; init; } = [];
    public bool IsInternal { get; init; }
    public bool StubStatus { get; init; }
    public NginxProxyPass? ProxyPass { get; init; }

    /// <summary>The location that answers a URI: an exact one, else the first regular expression unless the longest prefix forbids it, else that prefix.</summary>
    public (NginxLocation Location, Match? Captures) Find(string uri)
    {
        if (Children.FirstOrDefault(child => child.Match == NginxMatch.Exact && child.Pattern == uri) is { } exact) return (exact, null);
        var prefix = Children.Where(child => child.Match is NginxMatch.Prefix or NginxMatch.PrefixOnly && uri.StartsWith(child.Pattern, StringComparison.Ordinal))
            .MaxBy(child => child.Pattern.Length);
        var inner = prefix?.Find(uri);
        if (inner is { Location.Match: NginxMatch.Exact or NginxMatch.Regex }) return inner.Value;
        if (inner?.Location.Match != NginxMatch.PrefixOnly)
        {
            foreach (var child in Children)
            {
                if (child.Match != NginxMatch.Regex || child.Regex!.Match(uri) is not { Success: true } captures) continue;
                var nested = child.Find(uri);
                return nested.Location == child ? (child, captures) : nested;
            }
        }
        return inner ?? (this, null);
    }

    public NginxLocation? FindNamed(string name) => Children.FirstOrDefault(child => child.Match == NginxMatch.Named && child.Pattern == name);
}

/// <param name="Text">Of the body, or for 301, 302, 303, 307 and 308 the URL.</param>
internal sealed record NginxReturn(int Status, NginxTemplate? Text)
{
    public bool IsRedirect => Status is 301 or 302 or 303 or 307 or 308;
}
