using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Stack;

/// <summary>What identifies a connection within its namespace.</summary>
internal readonly record struct ConnectionKey(SocketAddress Local, SocketAddress Remote)
{
    public override int GetHashCode() =>
        (int)((Remote.Address.High ^ Remote.Address.Low ^ ((ulong)Local.Address.Low << 32) ^ ((ulong)Remote.Port << 16 | Local.Port)) * 0x9E3779B97F4A7C15 >> 32);
}
