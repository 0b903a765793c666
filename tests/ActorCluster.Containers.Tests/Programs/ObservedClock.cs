using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Containers.Tests.Programs;

/// <summary>A clock that tests set, and that tells when a program has begun to wait: only then does setting it wake the program.</summary>
internal sealed class ObservedClock() : FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TimeSpan, SemaphoreSlim> _waits = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Waits(dueTime).Release();
        return timer;
    }

    /// <summary>Waits until one more timer of just this length has been started, then lets it run out.</summary>
    public async Task PassAsync(TimeSpan wait)
    {
        (await Waits(wait).WaitAsync(TimeSpan.FromMinutes(1))).ShouldBeTrue($"nothing waits for {wait}");
        Advance(wait);
    }

    /// <summary>As <see cref="PassAsync(TimeSpan)"/>, unless something else happens first.</summary>
    public async Task PassAsync(TimeSpan wait, Task orUntil)
    {
        using var stop = new CancellationTokenSource();
        var waiting = Waits(wait).WaitAsync(stop.Token);
        if (await Task.WhenAny(waiting, orUntil).WaitAsync(TimeSpan.FromMinutes(1)) == waiting) Advance(wait);
        else await stop.CancelAsync();
    }

    private SemaphoreSlim Waits(TimeSpan dueTime)
    {
        lock (_lock)
        {
            if (!_waits.TryGetValue(dueTime, out var waits)) _waits.Add(dueTime, waits = new SemaphoreSlim(0));
            return waits;
        }
    }
}
