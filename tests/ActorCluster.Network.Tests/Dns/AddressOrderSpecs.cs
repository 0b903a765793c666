using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Network.Tests.Dns;

/// <summary>RFC 6724, as a pod meets it.</summary>
public class AddressOrderSpecs
{
    private const string Both = "10.244.1.2 fd00:10:244:1::2";

    [Theory]
    [InlineData(Both, "fd00:10:96::50 10.96.0.50", "10.96.0.50 fd00:10:96::50")] // unique local addresses have a low precedence
    [InlineData(Both, "127.0.0.1 ::1", "::1 127.0.0.1")]
    [InlineData(Both, "10.0.0.1 2001:db8::1", "10.0.0.1 2001:db8::1")] // a unique local source is of another label than a global destination
    [InlineData("10.244.1.2 2001:db8::2", "10.0.0.1 2001:db8::1", "2001:db8::1 10.0.0.1")]
    [InlineData("fd00:10:244:1::2", "10.96.0.50 fd00:10:96::50", "fd00:10:96::50 10.96.0.50")] // no source, no use
    [InlineData("10.244.1.2", "fd00:10:96::50 10.96.0.50", "10.96.0.50 fd00:10:96::50")]
    [InlineData(Both, "10.0.0.9 10.0.0.1 10.0.0.5", "10.0.0.9 10.0.0.1 10.0.0.5")]
    [InlineData(Both, "fd00:10:96::50", "fd00:10:96::50")]
    public void Addresses_are_tried_in_the_order_of_RFC_6724(string own, string addresses, string expected) =>
        string.Join(' ', AddressOrder.Sort(Parse(addresses), Parse(own))).ShouldBe(expected);

    private static IpAddress[] Parse(string addresses) => [.. addresses.Split(' ').Select(IpAddress.Parse)];
}
