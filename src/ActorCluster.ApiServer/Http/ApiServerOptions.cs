using System.Net;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using Microsoft.Extensions.Logging;

namespace ActorCluster.ApiServer.Http;

/// <summary>What the HTTP face needs.</summary>
public sealed record ApiServerOptions
{
    public required ApiPipeline Pipeline { get; init; }

    public required ClusterCertificates Certificates { get; init; }

    /// <summary>Where logs, exec and attach come from.</summary>
    public required IContainerStreamConnector Streams { get; init; }

    public required SimulationContext Simulation { get; init; }

    public required ILoggerFactory Logging { get; init; }

    /// <summary>The address to listen on; loopback unless told otherwise.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>Whether the server is ready for clients (/readyz); null: from the start.</summary>
    public Func<bool>? IsReady { get; init; }
}
