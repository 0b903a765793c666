using ActorCluster.Network.Timing;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Timing;

public class DueQueueSpecs
{
    [Property(MaxTest = 100)]
    public void Items_come_in_the_order_of_the_times_they_were_last_given_and_never_when_taken_out(int seed)
    {
        var random = new Random(seed);
        var (queue, expected) = (new DueQueue<Item>(), new Dictionary<Item, long>());
        var items = Enumerable.Range(0, 50).Select(_ => new Item()).ToArray();
        for (var i = 0; i < 500; i++)
        {
            var item = items[random.Next(items.Length)];
            if (random.Next(4) == 0) queue.Remove(item).ShouldBe(expected.Remove(item));
            else queue.Set(item, expected[item] = random.Next(100));
            queue.Count.ShouldBe(expected.Count);
        }
        while (expected.Count > 0)
        {
            queue.TryPeek(out var first, out var due).ShouldBeTrue();
            due.ShouldBe(expected.Values.Min());
            expected[first!].ShouldBe(due);
            queue.Remove(first!).ShouldBe(expected.Remove(first!));
        }
        queue.TryPeek(out _, out _).ShouldBeFalse();
    }

    private sealed class Item : IDueItem
    {
        public int QueueIndex { get; set; } = DueQueue.NotQueued;
    }
}
