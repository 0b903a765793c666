namespace ActorCluster.Controllers.Workloads;

/// <summary>Many equal calls, carefully: one, then two, then four at a time; the first failure ends it (slowStartBatch in
/// pkg/controller/replicaset/replica_set.go).</summary>
internal static class SlowStart
{
    /// <summary>Sizes of the batches for <paramref name="count"/> calls.</summary>
    public static IEnumerable<int> BatchSizes(int count, int initial = 1)
    {
        var remaining = count;
        for (var size = Math.Min(remaining, initial); size > 0; size = Math.Min(2 * size, remaining))
        {
            yield return size;
            remaining -= size;
        }
    }

    /// <summary>Calls up to <paramref name="count"/> times, with the number of the call from 0; a call that returns an exception failed.</summary>
    /// <returns>How many succeeded, and the first failure if there was one (then the remaining batches were left out).</returns>
    public static async Task<(int Successes, Exception? Failure)> RunAsync(int count, Func<int, Task<Exception?>> call)
    {
        var (successes, started) = (0, 0);
        foreach (var size in BatchSizes(count))
        {
            var results = await Task.WhenAll(Enumerable.Range(started, size).Select(call));
            started += size;
            successes += results.Count(r => r is null);
            if (results.FirstOrDefault(r => r is not null) is { } failure) return (successes, failure);
        }

        return (successes, null);
    }
}
