using ActorCluster.Network.Packets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Stack;

/// <summary>What a namespace knows of one pair of sockets: a connection, or what is left of it in TIME-WAIT. Guarded by the namespace's lock.</summary>
internal abstract class TcpSocket(ConnectionKey key) : Timed
{
    public ConnectionKey Key { get; } = key;

    public abstract TcpState State { get; }

    public abstract void Receive(TcpPacket segment, long now);
}
