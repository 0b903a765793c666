using ActorCluster.Network.Sockets;

namespace ActorCluster.Nodes.Probes;

/// <summary>Socket faults as Go words them, since probes' and hooks' messages quote them.</summary>
internal static class GoNetworkErrors
{
    public static string Describe(SocketFault fault) => fault switch
    {
        SocketFault.ConnectionRefused => "connect: connection refused",
        SocketFault.ConnectionReset => "read: connection reset by peer",
        SocketFault.TimedOut => "connect: connection timed out",
        SocketFault.HostUnreachable => "connect: no route to host",
        SocketFault.NetworkUnreachable => "connect: network is unreachable",
        SocketFault.AddressInUse => "bind: address already in use",
        SocketFault.AddressNotAvailable => "connect: cannot assign requested address",
        _ => "use of closed network connection",
    };
}
