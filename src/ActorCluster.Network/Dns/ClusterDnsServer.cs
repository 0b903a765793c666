using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Dns;

/// <summary>Answers the cluster's names on UDP and TCP port 53 of a namespace.</summary>
public sealed class ClusterDnsServer : IAsyncDisposable
{
    /// <summary>Binds and starts to serve.</summary>
    /// <exception cref="SocketFaultException">AddressInUse: something else has port 53.</exception>
    public static ClusterDnsServer Start(INetworkNamespace network, NetworkTablesSource tables, SimulationContext simulation, ClusterDnsOptions? options = null) =>
        throw new NotSupportedException($"{network}{tables}{simulation}{options}");

    /// <summary>Completes when the server has stopped, by <see cref="DisposeAsync"/> or because its namespace is gone.</summary>
    public Task Completion { get; } = Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
