using ActorCluster.Network.Addresses;
using ActorCluster.Nodes.Addressing;
using ActorCluster.Nodes.Agent;
using FsCheck.Xunit;

namespace ActorCluster.Nodes.Tests.Addressing;

public class PodAddressPoolTests
{
    [Fact]
    public void Addresses_go_upward_from_2_and_what_came_back_is_handed_out_last()
    {
        var pool = new PodAddressPool(IpNetwork.Parse("10.244.1.0/29"));
        Take(pool).ShouldBe("10.244.1.2");
        Take(pool).ShouldBe("10.244.1.3");
        pool.Return(IpAddress.Parse("10.244.1.3"));
        pool.Return(IpAddress.Parse("10.244.1.2"));
        Enumerable.Range(0, 5).Select(_ => Take(pool)).ShouldBe(["10.244.1.4", "10.244.1.5", "10.244.1.6", "10.244.1.3", "10.244.1.2"]);
        pool.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_block_of_24_bits_has_253_addresses_for_pods()
    {
        var pool = new PodAddressPool(IpNetwork.Parse("10.244.1.0/24"));
        var taken = 0;
        while (pool.TryTake(out var address))
        {
            taken++;
            pool.Networks[0].Contains(address.Single()).ShouldBeTrue();
        }
        taken.ShouldBe(253);
    }

    [Property]
    public void No_address_is_ever_held_twice(int seed)
    {
        var random = new Random(seed);
        var pool = new PodAddressPool(IpNetwork.Parse("10.244.1.0/28"));
        var held = new HashSet<IpAddress>();
        for (var i = 0; i < 200; i++)
        {
            if (random.Next(2) == 0 && pool.TryTake(out var address)) held.Add(address.Single()).ShouldBeTrue();
            else if (held.Count > 0)
            {
                var back = held.ElementAt(random.Next(held.Count));
                held.Remove(back);
                pool.Return(back);
                pool.Return(back);
            }
        }
    }

    [Fact]
    public void A_pods_addresses_of_both_families_have_the_same_place_and_come_back_together()
    {
        var pool = new PodAddressPool(IpNetwork.Parse("10.244.3.0/29"), IpNetwork.Parse("fd00:10:244:3::/64"));
        Take(pool).ShouldBe("10.244.3.2 fd00:10:244:3::2");
        Enumerable.Range(0, 4).Select(_ => Take(pool)).ToArray()[^1].ShouldBe("10.244.3.6 fd00:10:244:3::6");
        Take(pool).ShouldBe("none"); // IPv6 alone would go on for a while
        pool.Return(IpAddress.Parse("10.244.3.4"));
        pool.Return(IpAddress.Parse("fd00:10:244:3::4"));
        Take(pool).ShouldBe("10.244.3.4 fd00:10:244:3::4");
        Take(pool).ShouldBe("none");
        Take(new PodAddressPool(IpNetwork.Parse("fd00:10:244:3::/64"))).ShouldBe("fd00:10:244:3::2");
    }

    [Theory]
    [InlineData("fd00:10:244::/64", "fc00:f853:ccd:e793::1")]
    [InlineData("fd00:10:244:3::/64", "fc00:f853:ccd:e793::4")]
    [InlineData("fd00:10:244:ff::/64", "fc00:f853:ccd:e793::100")]
    [InlineData("10.244.0.0/24", "172.18.0.1")]
    [InlineData("10.244.3.0/24", "172.18.0.4")]
    [InlineData("10.244.255.0/24", "172.18.1.0")]
    [InlineData("10.244.2.0/23", "172.18.0.2")]
    public void The_nodes_own_address_follows_from_its_block(string podCidr, string expected) => NodeObject.AddressOf(IpNetwork.Parse(podCidr)).ToString().ShouldBe(expected);

    private static string Take(PodAddressPool pool) => pool.TryTake(out var address) ? string.Join(' ', address) : "none";
}
