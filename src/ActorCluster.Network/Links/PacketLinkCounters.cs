namespace ActorCluster.Network.Links;

/// <summary>What a process's link has carried. Safe for concurrent use.</summary>
public sealed class PacketLinkCounters
{
    private long _sent;
    private long _received;
    private long _lost;

    /// <summary>Packets given to other processes' links.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Packets that came from other processes.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Packets for nodes that were not there, and for processes that could not be reached as far as Akka told.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    internal void AddSent(int count) => Interlocked.Add(ref _sent, count);
    internal void AddReceived(int count) => Interlocked.Add(ref _received, count);
    internal void AddLost(int count) => Interlocked.Add(ref _lost, count);
}
