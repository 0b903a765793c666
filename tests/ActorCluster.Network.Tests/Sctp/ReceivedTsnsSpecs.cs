using ActorCluster.Network.Sctp;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Sctp;

public class ReceivedTsnsSpecs
{
    [Property(MaxTest = 300)]
    public void It_knows_exactly_what_was_added_in_whatever_order_and_across_the_wrap(int seed)
    {
        var random = new Random(seed);
        var first = random.Next(2) == 0 ? uint.MaxValue - (uint)random.Next(30) : (uint)random.NextInt64();
        var received = new ReceivedTsns(first);
        var model = new HashSet<int>();
        for (var i = random.Next(80); i > 0; i--)
        {
            var offset = random.Next(60);
            received.Contains(first + (uint)offset).ShouldBe(model.Contains(offset));
            received.Add(first + (uint)offset).ShouldBe(model.Add(offset));
        }
        var cumulative = 0;
        while (model.Contains(cumulative)) cumulative++;
        received.Cumulative.ShouldBe(first + (uint)cumulative - 1);
        received.Highest.ShouldBe(model.Count == 0 ? first - 1 : first + (uint)model.Max());
        received.HasGaps.ShouldBe(model.Any(offset => offset > cumulative));
        received.Gaps(1000).SelectMany(gap => Enumerable.Range(gap.Start, gap.End - gap.Start + 1)).ShouldBe(
            model.Where(offset => offset > cumulative).Select(offset => offset - cumulative + 1).Order());
        received.Gaps(1).Length.ShouldBe(received.HasGaps ? 1 : 0);
    }

    [Fact]
    public void What_no_acknowledgment_could_name_is_too_far()
    {
        var received = new ReceivedTsns(10);
        (received.IsTooFar(9 + 65535), received.IsTooFar(9 + 65536), received.IsTooFar(5)).ShouldBe((false, true, false));
    }
}
