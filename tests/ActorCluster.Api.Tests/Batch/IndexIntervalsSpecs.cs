using ActorCluster.Api.Batch;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Batch;

public sealed class IndexIntervalsSpecs
{
    [Theory]
    [InlineData("", "")]
    [InlineData("0,1,2,5", "0-2,5")]
    [InlineData("3-4,7-9", "3,4,7-9")]
    [InlineData("0-3,x,5-y,6", "0-3,6")]
    [InlineData("1,8-12,14", "1,8,9")]
    public void What_is_readable_is_read_and_indexes_beyond_the_completions_are_not(string text, string expected) =>
        IndexIntervals.Parse(text, 10).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("", null, 0)]
    [InlineData("0-2,4", null, 4)]
    [InlineData("1-2-3", "the fragment \"1-2-3\" violates the requirement that an index interval can have at most two parts separated by '-'", 0)]
    [InlineData("1,x", "cannot convert string to integer for index: \"x\"", 0)]
    [InlineData("1-10", "too large index: \"10\"", 0)]
    [InlineData("4-3", "non-increasing order, previous: 4, current: 3", 0)]
    [InlineData("1-3,3", "non-increasing order, previous: 3, current: 3", 0)]
    public void A_list_is_checked_in_upstreams_words(string text, string? fault, int total)
    {
        IndexIntervals.Fault(text, 10, out var counted).ShouldBe(fault);
        if (fault is null) counted.ShouldBe(total);
    }

    [Fact]
    public void The_lowest_absent_indexes_come_first() => IndexIntervals.Parse("0-1,3,5", 8).FirstAbsent(3, 8).ShouldBe([2, 4, 6]);

    [Fact]
    public void What_two_have_in_common_is_counted_once()
    {
        IndexIntervals.Parse("0-4,8-9", 10).Common(IndexIntervals.Parse("3-8", 10)).ShouldBe([new IndexInterval(3, 4), new IndexInterval(8, 8)]);
        IndexIntervals.Parse("0-9", 10).Common(IndexIntervals.Parse("1,3,5-6", 10)).ShouldBe([new IndexInterval(1, 1), new IndexInterval(3, 3), new IndexInterval(5, 6)]);
        IndexIntervals.Parse("1,5", 10).Common(IndexIntervals.Parse("0,2-4,6", 10)).ShouldBeEmpty();
    }

    [Property]
    public void A_set_of_indexes_is_the_same_after_it_was_written_and_read(byte[] some, byte[] more)
    {
        var all = some.Concat(more).Select(b => (int)b).ToHashSet();
        var merged = IndexIntervals.Empty.With(some.Select(b => (int)b)).Merge(IndexIntervals.Empty.With(more.Select(b => (int)b)));
        merged.Total.ShouldBe(all.Count);
        all.ShouldAllBe(index => merged.Has(index));
        IndexIntervals.Parse(merged.ToString(), 256).ShouldBe(merged);
        merged.FirstAbsent(256, 256).ShouldBe(Enumerable.Range(0, 256).Except(all));
    }
}
