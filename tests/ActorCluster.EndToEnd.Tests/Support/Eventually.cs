namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>Waits for what other processes bring about, by looking again and again.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks until what it sees is as wanted.</summary>
    /// <exception cref="TimeoutException">It isn't, even after the time that any command may take; the message holds what was seen last.</exception>
    public static async Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(Command.Limit);
        while (true)
        {
            var seen = await look();
            if (wanted(seen)) return seen;
            if (limit.IsCancellationRequested) throw new TimeoutException($"Not seen within {Command.Limit.TotalSeconds} s: {what}. Seen last: {seen}");
            await Task.Delay(Interval);
        }
    }
}
