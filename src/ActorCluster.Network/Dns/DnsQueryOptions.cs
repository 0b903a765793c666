using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

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
