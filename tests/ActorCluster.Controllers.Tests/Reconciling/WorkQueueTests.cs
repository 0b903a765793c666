using ActorCluster.Controllers.Reconciling;
using FsCheck.Xunit;

namespace ActorCluster.Controllers.Tests.Reconciling;

public class WorkQueueTests
{
    [Fact]
    public void A_key_that_is_added_twice_is_taken_once()
    {
        var queue = new WorkQueue();
        queue.Add("a");
        queue.Add("a");
        queue.TryTake(out var key).ShouldBeTrue();
        key.ShouldBe("a");
        queue.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_key_that_changes_while_it_is_worked_on_comes_again_afterwards()
    {
        var queue = new WorkQueue();
        queue.Add("a");
        queue.TryTake(out _);
        queue.Add("a");
        queue.TryTake(out _).ShouldBeFalse();
        queue.Done("a");
        queue.TryTake(out var again).ShouldBeTrue();
        again.ShouldBe("a");
    }

    [Property]
    public void No_key_is_lost_and_none_is_worked_on_twice_at_a_time(byte[] steps)
    {
        var queue = new WorkQueue();
        HashSet<string> working = [], owed = [];
        foreach (var step in steps)
        {
            var key = $"k{step % 5}";
            if (step < 128)
            {
                queue.Add(key);
                owed.Add(key);
            }
            else if (step < 192 && queue.TryTake(out var taken))
            {
                working.Add(taken).ShouldBeTrue("worked on already");
                owed.Remove(taken).ShouldBeTrue("taken for nothing");
            }
            else if (working.Remove(key))
            {
                queue.Done(key);
            }
        }

        foreach (var key in working) queue.Done(key);
        while (queue.TryTake(out var taken))
        {
            owed.Remove(taken).ShouldBeTrue();
            queue.Done(taken);
        }

        owed.ShouldBeEmpty();
        queue.IsIdle.ShouldBeTrue();
    }
}
