using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Dns;

/// <summary>A server of nothing but the cluster's names and those that its options add.</summary>
public static class ClusterDnsServer
{
    /// <summary>Binds and starts to serve.</summary>
    /// <exception cref="SocketFaultException">AddressInUse: something else has the port.</exception>
    /// <param name="address">Where it listens; null: at all of the namespace's addresses.</param>
    public static DnsServer Start(INetworkNamespace network, NetworkTablesSource tables, SimulationContext simulation, ClusterDnsOptions? options = null, IpAddress? address = null)
    {
        options = (options ?? new()) with { ServerAddresses = [.. network.Addresses] };
        return DnsServer.Start(network, new(address ?? IpAddress.AnyV6, options.Port), new Handler(new ClusterDnsZone(options), tables), simulation);
    }

    private sealed class Handler(ClusterDnsZone zone, NetworkTablesSource tables) : IDnsHandler
    {
        public ValueTask<DnsMessage> AnswerAsync(DnsRequest request, CancellationToken cancellationToken) => new(zone.Answer(request.Query, tables.Current));
    }
}
