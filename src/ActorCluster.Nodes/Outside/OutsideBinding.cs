using ActorCluster.Network.Addresses;

namespace ActorCluster.Nodes.Outside;

/// <summary>A name outside the cluster that its user lets pods reach, and where their connections and datagrams really go.</summary>
/// <param name="Name">Lower case, without final dot.</param>
/// <param name="Inside">The name's address in the cluster's network, and the port that pods ask for.</param>
/// <param name="Host">A host name or an address, as seen by the worker process.</param>
public sealed record OutsideBinding(string Name, SocketAddress Inside, string Host, ushort Port);
