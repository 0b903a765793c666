using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.Reconciling;

public class QueueTimingTests
{
    [Fact]
    public void A_delayed_key_keeps_the_earliest_of_its_times()
    {
        var queue = new DelayQueue();
        queue.Add("a", Make.Noon.AddSeconds(5));
        queue.Add("a", Make.Noon.AddSeconds(2));
        queue.Add("a", Make.Noon.AddSeconds(9));
        queue.Add("b", Make.Noon.AddSeconds(3));
        queue.NextDue().ShouldBe(Make.Noon.AddSeconds(2));
        queue.TakeDue(Make.Noon.AddSeconds(1)).ShouldBeEmpty();
        queue.TakeDue(Make.Noon.AddSeconds(20)).ShouldBe(["a", "b"]);
        queue.NextDue().ShouldBeNull();
    }

    [Fact]
    public void Retries_wait_twice_as_long_each_time_up_to_a_limit_until_they_succeed()
    {
        var backoff = new RetryBackoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000));
        backoff.Next("a").ShouldBe(TimeSpan.FromMilliseconds(5));
        backoff.Next("a").ShouldBe(TimeSpan.FromMilliseconds(10));
        backoff.Next("b").ShouldBe(TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < 100; i++) backoff.Next("a");
        backoff.Next("a").ShouldBe(TimeSpan.FromSeconds(1000));
        backoff.Forget("a");
        backoff.Next("a").ShouldBe(TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public void Expectations_are_met_when_every_creation_and_deletion_was_seen_in_any_order()
    {
        var expectations = new Expectations(new FakeTimeProvider(Make.Noon));
        expectations.Satisfied("rs").ShouldBeTrue();
        expectations.Expect("rs", 2, []);
        expectations.CreationObserved("rs");
        expectations.Satisfied("rs").ShouldBeFalse();
        expectations.CreationObserved("rs");
        expectations.Satisfied("rs").ShouldBeTrue();
        expectations.Expect("rs", 1, ["a", "b"]);
        expectations.CreationObserved("rs");
        expectations.DeletionObserved("rs", "b");
        expectations.DeletionObserved("rs", "b");
        expectations.Satisfied("rs").ShouldBeFalse();
        expectations.DeletionObserved("rs", "a");
        expectations.Satisfied("rs").ShouldBeTrue();
    }

    [Fact]
    public void An_expectation_that_is_never_met_stops_blocking_after_five_minutes()
    {
        var clock = new FakeTimeProvider(Make.Noon);
        var expectations = new Expectations(clock);
        expectations.Expect("rs", 1, []);
        clock.Advance(TimeSpan.FromMinutes(5));
        expectations.Satisfied("rs").ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));
        expectations.Satisfied("rs").ShouldBeTrue();
    }

    [Fact]
    public void A_cache_is_behind_until_it_shows_all_own_writes_or_patience_ends()
    {
        var clock = new FakeTimeProvider(Make.Noon);
        var lag = new CacheLag(clock);
        lag.Wrote("owner", "x", "9");
        lag.Wrote("owner", "y", "10");
        Dictionary<string, string?> cache = new() { ["x"] = "8", ["y"] = "11" };
        lag.Behind("other", name => cache[name]).ShouldBeFalse();
        lag.Behind("owner", name => cache[name]).ShouldBeTrue();
        cache["x"] = "9";
        lag.Behind("owner", name => cache[name]).ShouldBeFalse();
        lag.Wrote("owner", "x", "12");
        clock.Advance(CacheLag.Patience + TimeSpan.FromSeconds(1));
        lag.Behind("owner", name => cache[name]).ShouldBeTrue();
        lag.Behind("owner", _ => null).ShouldBeFalse();
    }
}
