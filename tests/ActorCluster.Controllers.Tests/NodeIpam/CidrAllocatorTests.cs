using ActorCluster.Controllers.NodeIpam;
using FsCheck.Xunit;

namespace ActorCluster.Controllers.Tests.NodeIpam;

public class CidrAllocatorTests
{
    [Fact]
    public void The_first_worker_gets_the_block_after_the_control_planes_and_keeps_it()
    {
        var allocator = new CidrAllocator("10.244.0.0/16", 24);
        allocator.Allocate("worker-1").ShouldBe("10.244.1.0/24");
        allocator.Allocate("worker-2").ShouldBe("10.244.2.0/24");
        allocator.Allocate("worker-1").ShouldBe("10.244.1.0/24");
    }

    [Fact]
    public void Blocks_that_nodes_have_already_are_not_handed_out()
    {
        var allocator = new CidrAllocator("10.244.0.0/16", 24);
        allocator.Occupy("10.244.1.0/24", "a").ShouldBeTrue();
        allocator.Occupy("10.244.1.0/24", "a").ShouldBeTrue();
        allocator.Occupy("10.244.1.0/24", "b").ShouldBeFalse();
        allocator.Occupy("192.168.0.0/24", "c").ShouldBeFalse();
        allocator.Occupy("10.244.9.0/25", "c").ShouldBeFalse();
        allocator.Allocate("b").ShouldBe("10.244.2.0/24");
    }

    [Fact]
    public void A_full_range_says_so_until_a_block_is_released()
    {
        var allocator = new CidrAllocator("10.0.0.0/22", 24);
        foreach (var node in new[] { "a", "b", "c" }) allocator.Allocate(node).ShouldNotBeNull();
        allocator.Allocate("d").ShouldBeNull();
        allocator.Release("b");
        allocator.Allocate("d").ShouldBe("10.0.2.0/24");
    }

    [Theory]
    [InlineData("10.244.0.0", 24)]
    [InlineData("fd00::/40", 64)]
    [InlineData("fd00::/64", 48)]
    [InlineData("10.244.0.0/25", 24)]
    public void A_range_that_makes_no_sense_is_refused(string range, int mask) => Should.Throw<ArgumentException>(() => new CidrAllocator(range, mask));

    [Fact]
    public void Blocks_of_IPv6_go_up_alike_and_are_not_mixed_up_with_those_of_IPv4()
    {
        var allocator = new CidrAllocator("fd00:10:244::/56", 64);
        allocator.Blocks.ShouldBe(256u);
        allocator.Allocate("worker-1").ShouldBe("fd00:10:244:1::/64");
        allocator.Occupy("fd00:10:244:ff::/64", "worker-2").ShouldBeTrue();
        allocator.Occupy("10.244.3.0/24", "worker-3").ShouldBeFalse();
        allocator.Occupy("fd00:10:244:100::/64", "worker-3").ShouldBeFalse();
        allocator.Allocate("worker-3").ShouldBe("fd00:10:244:2::/64");
        allocator.Release("worker-2");
        new CidrAllocator("10.244.0.0/16", 24).Occupy("fd00:10:244:1::/64", "worker-1").ShouldBeFalse();
    }

    [Property]
    public void No_block_is_ever_held_by_two(byte[] steps)
    {
        var allocator = new CidrAllocator("10.0.0.0/20", 24);
        Dictionary<string, string> held = [];
        foreach (var step in steps)
        {
            var holder = $"n{step % 23}";
            if (step >= 170)
            {
                allocator.Release(holder);
                held.Remove(holder);
            }
            else if (allocator.Allocate(holder) is { } cidr)
            {
                held.Where(pair => pair.Key != holder).ShouldAllBe(pair => pair.Value != cidr);
                held.GetValueOrDefault(holder, cidr).ShouldBe(cidr);
                held[holder] = cidr;
                cidr.ShouldNotBe("10.0.0.0/24");
            }
            else
            {
                held.Count.ShouldBe(15);
            }
        }
    }
}
