using ActorCluster.Network.Tcp;
using ActorCluster.Network.Timing;

namespace ActorCluster.Network.Stack;

/// <summary>Something that a <see cref="DeadlineTimer"/> looks after. All calls come under the namespace's lock.</summary>
internal abstract class Timed : IDueItem
{
    /// <summary>When the timer will look at it; only the timer sets it.</summary>
    public long QueuedDeadline { get; set; } = TcpConnectionMachine.Never;

    /// <summary>When <see cref="Tick"/> is due; in ticks of 100 ns, <see cref="TcpConnectionMachine.Never"/> if nothing waits.</summary>
    public abstract long Deadline { get; }

    public abstract void Tick(long now);

    int IDueItem.QueueIndex { get; set; } = DueQueue.NotQueued;
}
