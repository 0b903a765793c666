using ActorCluster.Controllers.LoadBalancers;
using FsCheck.Xunit;

namespace ActorCluster.Controllers.Tests.LoadBalancers;

public class LoadBalancerPoolTests
{
    [Fact]
    public void The_lowest_free_address_is_handed_out_and_stays_with_its_holder()
    {
        var pool = new LoadBalancerPool("172.18.255.0/29");
        pool.Allocate("a").ShouldBe("172.18.255.1");
        pool.Allocate("b").ShouldBe("172.18.255.2");
        pool.Allocate("a").ShouldBe("172.18.255.1");
        pool.Release("a");
        pool.Allocate("c").ShouldBe("172.18.255.1");
        pool.Occupy("172.18.255.2", "c").ShouldBeFalse();
        pool.Occupy("172.18.255.4", "c").ShouldBeTrue();
        pool.Allocate("c").ShouldBe("172.18.255.4");
        pool.Allocate("d").ShouldBe("172.18.255.1");
        (pool.Occupy("172.18.255.0", "e"), pool.Occupy("172.18.255.7", "e"), pool.Occupy("fd00::1", "e"), pool.Occupy("x", "e")).ShouldBe((false, false, false, false));
    }

    [Fact]
    public void A_holder_has_the_same_place_in_both_families()
    {
        var pool = new LoadBalancerPool("172.18.255.0/24", "fc00:f853:ccd:e793::ff00/120");
        (pool.Allocate("a"), pool.Allocate("a", v4: false)).ShouldBe(("172.18.255.1", "fc00:f853:ccd:e793::ff01"));
        pool.Occupy("fc00:f853:ccd:e793::ff0a", "b").ShouldBeTrue();
        pool.Allocate("b").ShouldBe("172.18.255.10");
        (pool.Occupy("172.18.255.10", "c"), pool.Occupy("fc00:f853:ccd:e793::ff00", "c"), pool.Occupy("fc00:f853:ccd:e793::1:1", "c")).ShouldBe((false, false, false));
        new LoadBalancerPool("172.18.255.0/24").Allocate("a", v4: false).ShouldBeNull();
        Should.Throw<ArgumentException>(() => new LoadBalancerPool("172.18.255.0/24", "fc00::/64"));
    }

    [Property]
    public void No_address_is_ever_held_by_two(byte[] steps)
    {
        var pool = new LoadBalancerPool("10.0.0.0/28");
        Dictionary<string, string> held = [];
        foreach (var step in steps)
        {
            var holder = $"s{step % 19}";
            if (step >= 180)
            {
                pool.Release(holder);
                held.Remove(holder);
            }
            else if (pool.Allocate(holder) is { } address)
            {
                held.Where(pair => pair.Key != holder).ShouldAllBe(pair => pair.Value != address);
                held[holder] = address;
            }
            else
            {
                held.Count.ShouldBe(14);
            }
        }
    }
}
