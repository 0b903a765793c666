namespace ActorCluster.Contracts.Simulation;

/// <summary>Cancelling so that a replay has the same order.</summary>
public static class CancellationOrder
{
    /// <summary>
    /// As <see cref="CancellationTokenSource.CancelAsync"/>, which tells whoever waits for it on a thread of the pool; on a <see cref="SimulationLoop"/> they are told by the loop, in the
    /// order in which they asked, since what several of them do next would race on the pool.
    /// </summary>
    public static Task CancelInOrderAsync(this CancellationTokenSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (SimulationLoop.OfThisThread is null) return source.CancelAsync();
        source.Cancel();
        return Task.CompletedTask;
    }
}
