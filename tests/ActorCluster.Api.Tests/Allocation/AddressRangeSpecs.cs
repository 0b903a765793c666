using ActorCluster.Api.Allocation;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Allocation;

public sealed class AddressRangeSpecs
{
    [Theory]
    [InlineData("10.96.0.1", "10.96.0.1")]
    [InlineData("fd00:10:96:0:0:0:0:a", "fd00:10:96::a")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("::1:2", "::1:2")]
    [InlineData("1:0:0:2:0:0:0:3", "1:0:0:2::3")]
    [InlineData("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7")]
    [InlineData("FE80::0:1", "fe80::1")]
    [InlineData("::ffff:1.2.3.4", null)]
    [InlineData("10.0.0.01", null)]
    [InlineData("fe80::1%eth0", null)]
    [InlineData("nonsense", null)]
    public void Addresses_have_one_form(string text, string? canonical) => IpNumber.Parse(text)?.ToString().ShouldBe(canonical);

    [Theory]
    [InlineData("10.0.0.0/28", 14, 0)]
    [InlineData("10.0.0.0/27", 30, 16)]
    [InlineData("10.96.0.0/12", (1 << 20) - 2, 256)]
    [InlineData("10.0.0.0/31", 0, 0)]
    [InlineData("10.0.0.0/32", 0, 0)]
    [InlineData("fd00::/124", 15, 0)]
    [InlineData("fd00:10:96::/112", 65535, 256)]
    public void Sizes_and_bands_are_upstreams(string cidr, long size, long band)
    {
        var range = AddressRange.Parse(cidr)!;
        range.Size.ShouldBe((ulong)size);
        range.StaticBand.ShouldBe((ulong)band);
    }

    [Fact]
    public void A_huge_range_gives_addresses_too()
    {
        var range = AddressRange.Parse("2001:db8::/64")!;
        range.Find(_ => true, _ => 0)!.Value.ToString().ShouldBe("2001:db8::101");
        range.Find(_ => true, most => most - 1).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.0", false)]
    [InlineData("10.0.0.0/24", "10.0.0.1", true)]
    [InlineData("10.0.0.0/24", "10.0.0.254", true)]
    [InlineData("10.0.0.0/24", "10.0.0.255", false)]
    [InlineData("10.0.0.0/24", "10.0.1.1", false)]
    [InlineData("10.0.0.0/24", "fd00::1", false)]
    [InlineData("fd00::/120", "fd00::", false)]
    [InlineData("fd00::/120", "fd00::ff", true)]
    [InlineData("fd00::/120", "fd00::100", false)]
    public void The_network_and_ipv4_broadcast_addresses_are_no_services(string cidr, string address, bool contained) =>
        AddressRange.Parse(cidr)!.Contains(IpNumber.Parse(address)!.Value).ShouldBe(contained);

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8", "11.0.0.0/16", false)]
    [InlineData("::/0", "fd00::/112", true)]
    [InlineData("10.0.0.0/8", "fd00::/112", false)]
    public void A_range_covers_what_lies_within_it(string outer, string inner, bool covers) =>
        AddressRange.Parse(outer)!.Covers(AddressRange.Parse(inner)!).ShouldBe(covers);

    [Property]
    public void All_addresses_are_given_out_once_each_the_upper_band_first(byte start, bool v6)
    {
        var range = AddressRange.Parse(v6 ? "fd00::/122" : "10.0.0.0/26")!;
        var taken = new HashSet<IpNumber>();
        while (range.Find(address => !taken.Contains(address), most => start % most) is { } address)
        {
            range.Contains(address).ShouldBeTrue();
            taken.Add(address).ShouldBeTrue();
            var inLowerBand = ((ulong)address.Value & 0x3f) <= range.StaticBand;
            inLowerBand.ShouldBe((ulong)taken.Count > range.Size - range.StaticBand);
        }
        ((ulong)taken.Count).ShouldBe(range.Size);
    }
}
