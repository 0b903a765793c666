using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Dns;

/// <summary>Another server gave no answer; <see cref="Exception.Message"/> is Go's wording, as CoreDNS logs it, without the port that was asked from.</summary>
/// <param name="fault">Null: not in time.</param>
public sealed class DnsExchangeException(SocketAddress server, bool tcp, SocketFaultException? fault)
    : IOException($"{(tcp ? "dial tcp" : "read udp")} {server}: {(fault is null ? "i/o timeout" : $"{(tcp ? "connect" : "read")}: {fault.Message.ToLowerInvariant()}")}");
