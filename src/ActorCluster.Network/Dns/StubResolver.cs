using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Dns;

/// <summary>A program's resolver, as libc's: /etc/hosts, then the name servers of /etc/resolv.conf with its search list and ndots.</summary>
/// <param name="resolvConf">The text of /etc/resolv.conf.</param>
/// <param name="hosts">The text of /etc/hosts.</param>
public sealed class StubResolver(INetworkNamespace network, string resolvConf, string hosts, SimulationContext simulation)
{
    /// <summary>What /etc/resolv.conf said.</summary>
    public ResolverConfiguration Configuration { get; } = ResolverConfiguration.Parse(resolvConf);

    /// <summary>All addresses of a name, IPv4 first; an address written as text is its own answer.</summary>
    /// <exception cref="DnsFaultException">NotFound, TryAgain, ServerFailure.</exception>
    public Task<IReadOnlyList<IpAddress>> ResolveAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException($"{network}{hosts}{simulation}{name}");

    /// <summary>The name of an address: /etc/hosts, then PTR.</summary>
    /// <exception cref="DnsFaultException">NotFound, TryAgain, ServerFailure.</exception>
    public Task<string> ReverseAsync(IpAddress address, CancellationToken cancellationToken = default) => throw new NotSupportedException($"{address}");

    /// <summary>One question to the name servers: what nslookup and dig do. Negative answers are answers, not exceptions.</summary>
    /// <exception cref="DnsFaultException">TryAgain: no server answered.</exception>
    public Task<DnsAnswer> QueryAsync(string name, DnsType type, DnsQueryOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException($"{name}");
}

/// <summary>How <see cref="StubResolver.QueryAsync"/> asks.</summary>
public sealed record DnsQueryOptions
{
    public static readonly DnsQueryOptions Default = new();

    /// <summary>Ask this server instead of the configured ones.</summary>
    public SocketAddress? Server { get; init; }

    /// <summary>Try the search list (nslookup, dig +search); else the name is taken as absolute.</summary>
    public bool Search { get; init; }

    /// <summary>TCP from the start (dig +tcp); else UDP, and TCP when the answer was truncated.</summary>
    public bool Tcp { get; init; }

    public bool RecursionDesired { get; init; } = true;

    /// <summary>Null: as configured (5 s).</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Null: as configured (2).</summary>
    public int? Attempts { get; init; }
}

/// <param name="Message">The server's answer, whatever its response code.</param>
/// <param name="Server">Who answered.</param>
/// <param name="Name">The name that was asked for in the end, search list applied.</param>
/// <param name="Elapsed">From question to answer.</param>
/// <param name="Size">The answer's bytes on the wire.</param>
public sealed record DnsAnswer(DnsMessage Message, SocketAddress Server, string Name, TimeSpan Elapsed, int Size);

/// <summary>Why a name has no address, by getaddrinfo's distinctions.</summary>
public enum DnsFault
{
    /// <summary>The name does not exist, or has no address (EAI_NONAME: "Name or service not known").</summary>
    NotFound,

    /// <summary>No server answered (EAI_AGAIN: "Temporary failure in name resolution").</summary>
    TryAgain,

    /// <summary>Servers answered with a failure (EAI_FAIL: "Non-recoverable failure in name resolution").</summary>
    ServerFailure,
}

/// <summary>What resolving fails with; <see cref="Exception.Message"/> is glibc's gai_strerror wording.</summary>
public sealed class DnsFaultException(DnsFault fault, string name) : IOException(Describe(fault))
{
    public DnsFault Fault { get; } = fault;
    public string Name { get; } = name;

    private static string Describe(DnsFault fault) => fault switch
    {
        DnsFault.NotFound => "Name or service not known",
        DnsFault.TryAgain => "Temporary failure in name resolution",
        DnsFault.ServerFailure => "Non-recoverable failure in name resolution",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
