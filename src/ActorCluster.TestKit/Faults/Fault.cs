using ActorCluster.Network.Faults;

namespace ActorCluster.TestKit.Faults;

/// <summary>The faults that the network can have. Chances are percent of packets.</summary>
public static class Fault
{
    /// <summary>Packets take longer; with jitter, up to so much more or less, and overtake each other.</summary>
    public static NetworkFault Latency(TimeSpan latency, TimeSpan jitter = default, double correlation = 0) => new(new FaultEffects { Delay = new(latency, jitter, correlation) });

    /// <summary>Packets take longer, and some overtake.</summary>
    /// <param name="gap">Only each so many-th packet may.</param>
    public static NetworkFault Reordering(TimeSpan latency, double percent, int gap = 1) => new(new FaultEffects { Delay = new(latency, Reorder: new(new(percent), gap)) });

    /// <summary>Packets are lost.</summary>
    public static NetworkFault Loss(double percent, double correlation = 0) => new(new FaultEffects { Loss = new(percent, correlation) });

    /// <summary>Packets come twice.</summary>
    public static NetworkFault Duplication(double percent, double correlation = 0) => new(new FaultEffects { Duplicate = new(percent, correlation) });

    /// <summary>Packets are damaged on the way, which their receivers notice.</summary>
    public static NetworkFault Corruption(double percent, double correlation = 0) => new(new FaultEffects { Corrupt = new(percent, correlation) });

    /// <summary>So many bytes a second get through, for each sender.</summary>
    /// <param name="buffer">Bytes that may go at once after a silence.</param>
    /// <param name="limit">Bytes that may wait; more are lost.</param>
    public static NetworkFault Bandwidth(long bytesPerSecond, long buffer = 10_000, long limit = 1_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        return new(new FaultEffects { Bandwidth = new(bytesPerSecond, limit, buffer) });
    }

    /// <summary>Nothing gets through.</summary>
    public static NetworkFault Partition() => new(new FaultEffects { Partition = true });

    /// <summary>Nothing gets through until it is over, and then all of it does, in its order.</summary>
    public static NetworkFault Pause() => new(new FaultEffects { Hold = true });
}
