using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Stack;

/// <summary>
/// Where connections' sequence numbers start (RFC 9293, 3.4.1; RFC 6528): at a clock, moved by a secret for each pair of sockets. A new connection
/// of a pair starts beyond the last one, so that a far end in TIME-WAIT takes its SYN.
/// </summary>
internal sealed class InitialSequence(RandomSource random)
{
    private readonly ulong _secret = (ulong)random.NextInt64();

    /// <param name="now">Ticks of 100 ns. Faster than the RFC's 4 us, as Linux's 64 ns are: connections are as well.</param>
    public uint For(ConnectionKey key, long now) => (uint)now + (uint)(Mix(Mix(Mix(_secret, key.Local), key.Remote), default) >> 32);

    private static ulong Mix(ulong hash, SocketAddress end)
    {
        // Multiplied by odd constants (those of splitmix64), with the high bits brought down each time.
        hash = (hash ^ end.Address.High) * 0xBF58476D1CE4E5B9;
        hash = ((hash ^ hash >> 29) + end.Address.Low) * 0x94D049BB133111EB;
        return ((hash ^ hash >> 32) + end.Port) * 0x9E3779B97F4A7C15;
    }
}
