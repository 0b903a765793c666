using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>What http, server and location set; each level starts from its parent's and replaces what it names itself.</summary>
internal sealed record NginxSettings
{
    public NginxTemplate Root { get; init; } = NginxTemplate.Literal("/etc/nginx/html");
    public NginxTemplate? Alias { get; init; }
    public ImmutableArray<NginxTemplate> Index { get; init; } = [NginxTemplate.Literal("index.html")];
    public bool AutoIndex { get; init; }
    public ImmutableDictionary<string, string> Types { get; init; } = NginxFiles.BuiltInTypes;
    public string DefaultType { get; init; } = "text/plain";
    public ImmutableArray<NginxErrorPage> ErrorPages { get; init; } = [];
    public ImmutableArray<NginxAddedHeader> AddedHeaders { get; init; } = [];
    public TimeSpan? Expires { get; init; }

    /// <summary>0 for any size.</summary>
    public long ClientMaxBodySize { get; init; } = 1 << 20;

    public bool ServerTokens { get; init; } = true;
    public ImmutableArray<NginxAccessLog> AccessLogs { get; init; } = [new NginxAccessLog("/var/log/nginx/access.log", NginxTemplate.Combined)];
    public ImmutableArray<NginxAccessRule> AccessRules { get; init; } = [];
    public NginxProxySettings Proxy { get; init; } = new();
}

/// <param name="NewStatus">"=200"; 0 for "=", the status of what is served; null keeps the error's own.</param>
internal sealed record NginxErrorPage(ImmutableArray<int> Statuses, int? NewStatus, NginxTemplate Uri);

/// <param name="Always">Also in answers other than 200, 201, 204, 206, 301, 302, 303, 304, 307 and 308.</param>
internal sealed record NginxAddedHeader(string Name, NginxTemplate Value, bool Always);

internal sealed record NginxAccessLog(string Path, NginxTemplate Format);

/// <param name="Network">Null: all.</param>
internal sealed record NginxAccessRule(bool Allow, System.Net.IPNetwork? Network)
{
    public bool Covers(IpAddress address)
    {
        var ip = address.ToIPAddress();
        return Network is not { } network || (network.BaseAddress.AddressFamily == ip.AddressFamily && network.Contains(ip));
    }
}

internal sealed record NginxProxySettings
{
    public ImmutableArray<(string Name, NginxTemplate Value)> Headers { get; init; } = [];
    public ImmutableHashSet<string> HiddenHeaders { get; init; } = [];
    public Version HttpVersion { get; init; } = new(1, 0);
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(60);
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(60);
    public bool TryNext { get; init; } = true;
}
