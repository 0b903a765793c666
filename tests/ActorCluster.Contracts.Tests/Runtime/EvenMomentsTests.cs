using ActorCluster.Contracts.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Contracts.Tests.Runtime;

public sealed class EvenMomentsTests
{
    [Theory]
    [InlineData(300, 1000, 1700)] // at 0.3 s, in a second: at 2 s
    [InlineData(0, 1000, 1000)]
    [InlineData(4, 1000, 996)] // 4 ms late once, in time the next time
    [InlineData(49, 1000, 951)]
    [InlineData(51, 1000, 1949)]
    [InlineData(300, 10_000, 10_700)]
    [InlineData(0, -5000, 0)] // should have been long ago
    public void It_is_an_even_moment_and_not_early_by_more_than_a_twentieth_of_a_second(int nowMs, int waitMs, int untilMs) =>
        At(nowMs).UntilEven(TimeSpan.FromMilliseconds(waitMs), TimeSpan.FromSeconds(1)).ShouldBe(TimeSpan.FromMilliseconds(untilMs));

    [Fact]
    public async Task What_waits_for_each_even_moment_gets_each_once_although_timers_are_a_little_early()
    {
        var clock = At(1999); // a timer for 2 s that was early
        var next = clock.NextEvenAsync(TimeSpan.FromSeconds(2), CancellationToken.None);

        clock.Advance(TimeSpan.FromMilliseconds(2000));
        next.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromMilliseconds(1));

        await next;
    }

    private static FakeTimeProvider At(int milliseconds) => new(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMilliseconds(milliseconds));
}
