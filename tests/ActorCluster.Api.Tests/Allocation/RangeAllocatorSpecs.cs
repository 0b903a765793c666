using ActorCluster.Api.Allocation;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Allocation;

public sealed class RangeAllocatorSpecs
{
    [Property]
    public void Nothing_is_ever_handed_out_twice(byte[] steps)
    {
        var allocator = new RangeAllocator(100, 120, 4);
        var taken = new HashSet<long>();
        foreach (var step in steps)
        {
            var number = 98 + step % 26;
            switch (step % 3)
            {
                case 0 when allocator.TakeAny(n => step % n) is { } any:
                    any.ShouldBeInRange(100, 120);
                    taken.Add(any).ShouldBeTrue();
                    break;
                case 1 when allocator.Take(number) == AllocationFault.None:
                    number.ShouldBeInRange(100, 120);
                    taken.Add(number).ShouldBeTrue();
                    break;
                case 2 when taken.Remove(number):
                    allocator.Release(number);
                    break;
            }
            taken.ShouldAllBe(n => allocator.IsTaken(n));
        }
    }

    [Fact]
    public void All_of_a_range_can_be_taken_and_then_no_more()
    {
        var allocator = new RangeAllocator(1, 5, 2);
        Enumerable.Range(0, 5).Select(_ => allocator.TakeAny(_ => 0)!.Value).Order().ShouldBe([1, 2, 3, 4, 5]);
        allocator.TakeAny(_ => 0).ShouldBeNull();
    }

    [Fact]
    public void The_band_for_asked_numbers_is_left_for_last()
    {
        var allocator = new RangeAllocator(1, 5, 2);
        Enumerable.Range(0, 3).Select(_ => allocator.TakeAny(_ => 0)!.Value).ShouldAllBe(n => n > 2);
    }
}
