using ActorCluster.Controllers.Scheduling;
using ActorCluster.Controllers.Tests.Fakes;

namespace ActorCluster.Controllers.Tests.Scheduling;

public class SchedulingQueueTests
{
    private static readonly DateTimeOffset Now = Make.Noon;
    private readonly SchedulingQueue _queue = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    private void Fail(string key, ClusterChange mayHelp, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _queue.Push(key, "1", 0);
            _queue.Failed(_queue.Take()!, mayHelp, Now);
        }
    }

    [Fact]
    public void The_most_important_comes_first_and_among_equals_the_first_that_came()
    {
        _queue.Push("a", "1", 0);
        _queue.Push("b", "1", 10);
        _queue.Push("c", "1", 0);
        _queue.Push("a", "1", 0);
        _queue.Remove("x");
        List<string?> order = [_queue.Take()?.Key, _queue.Take()?.Key, _queue.Take()?.Key, _queue.Take()?.Key];
        order.ShouldBe(["b", "a", "c", null]);
    }

    [Fact]
    public void Only_what_may_help_wakes_a_pod()
    {
        Fail("a", ClusterChange.PodGone);
        Fail("b", ClusterChange.NodeLabels);
        _queue.Wake(ClusterChange.PodGone, Now.AddSeconds(20)).ShouldBe([("a", TimeSpan.Zero)]);
        _queue.Take()!.Key.ShouldBe("a");
        _queue.Take().ShouldBeNull();
    }

    [Fact]
    public void A_pod_that_fails_again_and_again_waits_longer_and_longer()
    {
        Fail("a", ClusterChange.PodGone);
        _queue.Wake(ClusterChange.PodGone, Now).ShouldBe([("a", TimeSpan.FromSeconds(1))]);
        Fail("b", ClusterChange.PodGone, times: 3);
        _queue.Wake(ClusterChange.PodGone, Now).ShouldBe([("b", TimeSpan.FromSeconds(4))]);
        Fail("c", ClusterChange.PodGone, times: 9);
        _queue.Wake(ClusterChange.PodGone, Now.AddSeconds(4)).ShouldBe([("c", TimeSpan.FromSeconds(6))]);

        _queue.Due("b", Now.AddSeconds(3));
        _queue.Take().ShouldBeNull();
        _queue.Due("b", Now.AddSeconds(4));
        _queue.Take()!.Attempts.ShouldBe(3);
    }

    [Fact]
    public void What_nothing_has_woken_is_tried_again_after_the_flush()
    {
        Fail("a", ClusterChange.NodeAdded);
        _queue.Due("a", Now.AddMinutes(4));
        _queue.Take().ShouldBeNull();
        _queue.Due("a", Now.AddMinutes(5));
        _queue.Take()!.Key.ShouldBe("a");
    }

    [Fact]
    public void A_namesake_begins_anew_and_what_is_gone_is_not_woken()
    {
        Fail("a", ClusterChange.All, times: 4);
        _queue.Push("a", "2", 0);
        _queue.Take()!.Attempts.ShouldBe(0);
        Fail("b", ClusterChange.All);
        _queue.Remove("b");
        _queue.Wake(ClusterChange.All, Now.AddHours(1)).ShouldBeEmpty();
    }
}
