using System.Runtime;

namespace ActorCluster.Store.Writing;

/// <summary>
/// Keeps the garbage collector away while a large store is loaded: nearly all that is allocated stays, so that each collection would look at, and move, all that was loaded before it,
/// for nothing. Where there isn't memory enough for that, or somebody else keeps it away already, it loads as anything else does.
/// </summary>
internal sealed class UninterruptedLoad : IDisposable
{
    /// <summary>Below this there are no collections worth the trouble, in bytes.</summary>
    private const long Smallest = 64L << 20;

    private static readonly Lock Starting = new();
    private readonly bool _started;

    /// <param name="bytes">What the storage holds.</param>
    public UninterruptedLoad(long bytes)
    {
        // What is made of it while it is read takes about half as much again.
        var needed = bytes + (bytes / 2);
        var memory = GC.GetGCMemoryInfo();
        if (bytes < Smallest || needed > (memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes) / 2) return;
        lock (Starting)
        {
            if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion) _started = TryStart(needed);
        }
    }

    /// <summary>False, too, where the collector can't promise so much at once, whatever memory there is.</summary>
    private static bool TryStart(long bytes)
    {
        try
        {
            return GC.TryStartNoGCRegion(bytes, disallowFullBlockingGC: true);
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        lock (Starting)
        {
            // It ends by itself when it took more than was thought.
            if (_started && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) GC.EndNoGCRegion();
        }
    }
}
