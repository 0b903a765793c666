using System.Text.Json.Nodes;
using ActorCluster.Api.Allocation;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Validation;

public sealed class IpSpecs
{
    [Theory]
    [InlineData("1.2.3.4", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("1234::abcd", true)]
    [InlineData("::", true)]
    [InlineData("::ffff:1.1.1.1", true)]
    [InlineData("", false)]
    [InlineData("aaaaaaa", false)]
    [InlineData("myhost.mydomain", false)]
    [InlineData("1.2.3.4/24", false)]
    [InlineData("1.2.3.4:80", false)]
    [InlineData("[2001:db8::1]:80", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("1.2.3", false)]
    [InlineData("1.2.3.4.5", false)]
    [InlineData("1.2.3.256", false)]
    [InlineData("1.2.3.-4", false)]
    [InlineData("1", false)]
    [InlineData(" 1.2.3.4", false)]
    [InlineData("1.2.3.4 ", false)]
    [InlineData("0x1.2.3.4", false)]
    [InlineData("1..3.4", false)]
    [InlineData("2001:db8:::1", false)]
    public void An_address_is_told_from_what_is_none(string text, bool good) => IpRules.IsIp(text).ShouldBe(good);

    [Theory]
    [InlineData("10.0.0.1", null)]
    [InlineData("2001:db8::1", null)]
    [InlineData("0.0.0.0", "may not be unspecified (0.0.0.0)")]
    [InlineData("127.0.0.1", "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("::1", "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("169.254.169.254", "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("fe80::1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("224.0.0.1", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    [InlineData("nothing", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    public void An_endpoints_address_must_be_reachable_from_everywhere(string text, string? fault)
    {
        var errors = new FieldErrors();
        IpRules.EndpointAddress(text, "ip", errors);
        errors.All.Select(e => e.Detail).ShouldBe(fault is null ? [] : [fault]);
    }

    [Theory]
    [InlineData("80", true)]
    [InlineData("1", true)]
    [InlineData("65535", true)]
    [InlineData("0", false)]
    [InlineData("65536", false)]
    [InlineData("-1", false)]
    [InlineData("\"http\"", true)]
    [InlineData("\"80\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("null", false)]
    public void A_port_is_a_number_or_a_name(string json, bool good)
    {
        var errors = new FieldErrors();
        FieldRules.PortOrName(JsonNode.Parse(json), "port", errors);
        (errors.Count == 0).ShouldBe(good);
    }

    [Theory]
    [InlineData("10.0.0.0/30", 167772160L, 167772163L)]
    [InlineData("10.0.0.1/32", 167772161L, 167772161L)]
    [InlineData("0.0.0.0/0", 0L, 4294967295L)]
    [InlineData("10.0.0.0/33", null, null)]
    [InlineData("10.0.0.0", null, null)]
    [InlineData("10.0.0.0/-1", null, null)]
    [InlineData("10.0.0.0/", null, null)]
    [InlineData("/8", null, null)]
    public void A_range_has_a_first_and_a_last_address(string text, long? first, long? last)
    {
        var range = Ipv4.ParseCidr(text);
        range?.First.ShouldBe(first!.Value);
        range?.Last.ShouldBe(last!.Value);
        range.HasValue.ShouldBe(first.HasValue);
    }

    [Property]
    public void An_address_prints_as_it_was_read(uint address) => Ipv4.Parse(Ipv4.Format(address)).ShouldBe(address);

    [Property]
    public void No_text_makes_them_throw(string? text)
    {
        IpRules.IsIp(text ?? "");
        Ipv4.ParseCidr(text ?? "");
    }
}
