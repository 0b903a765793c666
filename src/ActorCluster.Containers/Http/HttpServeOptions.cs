using System.Security.Cryptography.X509Certificates;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Http;

/// <summary>How one listener is served.</summary>
public sealed record HttpServeOptions
{
    public static readonly HttpServeOptions Default = new();

    /// <summary>Connections open at a time; further ones wait in the listener's backlog. Null: no limit (nginx's worker_connections).</summary>
    public int? MaxConnections { get; init; }

    /// <summary>How long a stop waits for requests under way before it resets their connections; null waits for as long as they take.</summary>
    public TimeSpan? DrainTimeout { get; init; }

    /// <summary>HTTP/2 alone, from the first byte on (RFC 9113, 3.3; over TLS by ALPN), as gRPC has it. False: HTTP/1.1.</summary>
    public bool Http2 { get; init; }

    /// <summary>With its private key: what the server proves itself with over TLS. Null: plain HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Told of each TLS handshake that failed: the client's address and why.</summary>
    public Func<SocketAddress, string, Task>? HandshakeFailed { get; init; }
}
