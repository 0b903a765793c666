using System.Diagnostics;

namespace ActorCluster.Benchmarks.Harness;

/// <summary>Keeps a number of callers busy for a while and counts what they finish.</summary>
internal static class LoadLoop
{
    /// <returns>Finished operations a second.</returns>
    public static async Task<double> RunAsync(int callers, TimeSpan duration, Func<int, Task> operation)
    {
        using var stop = new CancellationTokenSource();
        var counts = new long[callers];
        var clock = Stopwatch.StartNew();
        var tasks = Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await operation(caller);
                counts[caller]++;
            }
        })).ToArray();
        stop.CancelAfter(duration);
        await Task.WhenAll(tasks);
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}
