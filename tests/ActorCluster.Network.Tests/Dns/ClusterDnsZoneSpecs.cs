using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Network.Tests.Dns;

public class ClusterDnsZoneSpecs
{
    [Theory]
    [InlineData("web.default.svc.cluster.local", "10.96.0.50")]
    [InlineData("WEB.Default.svc.cluster.local", "10.96.0.50")]
    [InlineData("db.default.svc.cluster.local", "10.244.1.2", "10.244.2.2", "10.244.2.3")]
    [InlineData("db-1.db.default.svc.cluster.local", "10.244.2.2")]
    [InlineData("10-244-2-3.db.default.svc.cluster.local", "10.244.2.3")]
    [InlineData("10-244-3-3.web2.default.svc.cluster.local", "10.244.3.3")]
    [InlineData("_http._tcp.web.default.svc.cluster.local", "10.96.0.50")]
    [InlineData("_sql._tcp.db.default.svc.cluster.local", "10.244.1.2", "10.244.2.2", "10.244.2.3")]
    [InlineData("10-244-9-9.default.pod.cluster.local", "10.244.9.9")]
    public void Names_have_their_addresses(string name, params string[] addresses)
    {
        var answer = DnsWorld.Ask(name, DnsType.A);
        (answer.ResponseCode, answer.Authoritative).ShouldBe((DnsResponseCode.NoError, true));
        answer.Answers.Select(record => record.Name).ShouldAllBe(owner => owner == name);
        Addresses(answer).ShouldBe(addresses, ignoreOrder: true);
    }

    [Theory]
    [InlineData("nosuch.default.svc.cluster.local")]
    [InlineData("web.nosuch.svc.cluster.local")]
    [InlineData("x.web.default.svc.cluster.local")]
    [InlineData("db-7.db.default.svc.cluster.local")]
    [InlineData("not-an-address.default.pod.cluster.local")]
    [InlineData("_ftp._tcp.web.default.svc.cluster.local")]
    [InlineData("a.b.c.d.e.svc.cluster.local")]
    [InlineData("nonsense.cluster.local")]
    [InlineData("nobody.default.svc.cluster.local")]
    [InlineData("address.default.svc.cluster.local")]
    [InlineData("unsayable.default.svc.cluster.local")]
    [InlineData("10-244-3-4.web2.default.svc.cluster.local")]
    [InlineData("example.com")]
    [InlineData("9.9.9.10.in-addr.arpa")]
    public void What_does_not_exist_is_denied_with_a_start_of_authority(string name)
    {
        var answer = DnsWorld.Ask(name, DnsType.A);
        answer.ResponseCode.ShouldBe(DnsResponseCode.NameError);
        answer.Answers.ShouldBeEmpty();
        answer.Authorities.ShouldHaveSingleItem().Data.ShouldBeOfType<DnsData.StartOfAuthority>();
    }

    [Theory]
    [InlineData("web.default.svc.cluster.local", DnsType.Aaaa)]
    [InlineData("default.svc.cluster.local", DnsType.A)]
    [InlineData("svc.cluster.local", DnsType.A)]
    public void A_name_without_such_records_exists_all_the_same(string name, DnsType type)
    {
        var answer = DnsWorld.Ask(name, type);
        (answer.ResponseCode, answer.Answers.Length, answer.Authorities.Length).ShouldBe((DnsResponseCode.NoError, 0, 1));
    }

    [Fact]
    public void Named_ports_have_service_records()
    {
        var web = DnsWorld.Ask("_http._tcp.web.default.svc.cluster.local", DnsType.Srv);
        web.Answers.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.Service(0, 100, 80, "web.default.svc.cluster.local"));
        web.Additionals.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.Address(IpAddress.Parse("10.96.0.50")));
        DnsWorld.Ask("_sql._tcp.db.default.svc.cluster.local", DnsType.Srv).Answers.Select(record => ((DnsData.Service)record.Data).Target)
            .ShouldBe(["db-0.db.default.svc.cluster.local", "db-1.db.default.svc.cluster.local", "10-244-2-3.db.default.svc.cluster.local"], ignoreOrder: true);
    }

    [Fact]
    public void Addresses_have_names()
    {
        Pointer("10.96.0.50").ShouldBe("web.default.svc.cluster.local");
        Pointer("10.244.2.2").ShouldBe("db-1.db.default.svc.cluster.local");
        StubResolver.ReverseName(IpAddress.Parse("2001:db8::1")).ShouldBe("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    }

    [Fact]
    public void An_external_name_is_an_alias_that_is_followed_inside_the_cluster_and_cannot_be_led_in_circles()
    {
        var alias = DnsWorld.Ask("alias.default.svc.cluster.local", DnsType.A);
        alias.Answers[0].Data.ShouldBe(new DnsData.CanonicalName("web.default.svc.cluster.local"));
        Addresses(alias).ShouldBe(["10.96.0.50"]);
        DnsWorld.Ask("outside.default.svc.cluster.local", DnsType.A).Answers.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.CanonicalName("example.com"));
        DnsWorld.Ask("dotted.default.svc.cluster.local", DnsType.A).Answers[0].Data.ShouldBe(new DnsData.CanonicalName("web.default.svc.cluster.local"));
        DnsWorld.Ask("ping.default.svc.cluster.local", DnsType.A).Answers.Length.ShouldBeLessThan(20);
        DnsWorld.Ask("loop.default.svc.cluster.local", DnsType.A).Answers.Length.ShouldBeLessThan(20);
    }

    [Fact]
    public void Outside_names_are_answered_when_configured()
    {
        var options = new ClusterDnsOptions { OutsideNames = ImmutableDictionary<string, ImmutableArray<IpAddress>>.Empty.Add("example.com", [IpAddress.Parse("192.0.2.1")]) };
        var answer = DnsWorld.Ask("Example.com", DnsType.A, options);
        (answer.Authoritative, answer.Answers.Length).ShouldBe((false, 1));
        Addresses(DnsWorld.Ask("outside.default.svc.cluster.local", DnsType.A, options)).ShouldBe(["192.0.2.1"]);
    }

    private static string Pointer(string address) =>
        DnsWorld.Ask(StubResolver.ReverseName(IpAddress.Parse(address)), DnsType.Ptr).Answers.ShouldHaveSingleItem().Data.ShouldBeOfType<DnsData.Pointer>().Target;

    private static IEnumerable<string> Addresses(DnsMessage message) => message.Answers.Select(record => record.Data).OfType<DnsData.Address>().Select(address => address.Value.ToString());
}
