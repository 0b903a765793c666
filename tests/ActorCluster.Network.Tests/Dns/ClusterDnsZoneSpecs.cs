using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Tables;

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
    [InlineData("http.tcp.web.default.svc.cluster.local", "10.96.0.50")]
    [InlineData("portless.default.svc.cluster.local", "10.244.4.4")]
    [InlineData("10-244-9-9.default.pod.cluster.local", "10.244.9.9")]
    [InlineData("ns.dns.cluster.local", "10.96.0.10")]
    public void Names_have_their_addresses(string name, params string[] addresses)
    {
        var answer = DnsWorld.Ask(name, DnsType.A, Served);
        (answer.ResponseCode, answer.Authoritative, answer.RecursionAvailable).ShouldBe((DnsResponseCode.NoError, true, false));
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
    [InlineData("nosuch.svc.cluster.local")]
    [InlineData("10-244-9-9.nosuch.pod.cluster.local")]
    [InlineData("_http._udp.web.default.svc.cluster.local")]
    [InlineData("_http._tcp.alias.default.svc.cluster.local")]
    [InlineData("dns-version.cluster.local")]
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
    [InlineData("pod.cluster.local", DnsType.A)]
    [InlineData("cluster.local", DnsType.A)]
    [InlineData("empty.svc.cluster.local", DnsType.A)]
    [InlineData("empty.pod.cluster.local", DnsType.Srv)]
    [InlineData("web.default.svc.cluster.local", DnsType.Any)]
    [InlineData("web.default.svc.cluster.local", DnsType.Txt)]
    [InlineData("web.default.svc.cluster.local", DnsType.Mx)]
    [InlineData("web.default.svc.cluster.local", DnsType.Cname)]
    [InlineData("web.default.svc.cluster.local", (DnsType)65)]
    [InlineData("web.default.svc.cluster.local", DnsType.Ptr)]
    [InlineData("alias.default.svc.cluster.local", DnsType.Srv)]
    [InlineData("nowhere.default.svc.cluster.local", DnsType.A)]
    [InlineData("ping.default.svc.cluster.local", DnsType.A)]
    [InlineData("loop.default.svc.cluster.local", DnsType.Aaaa)]
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
        DnsWorld.Ask("_sql._tcp.db.default.svc.cluster.local", DnsType.Srv).Answers.Select(record => record.Data).ShouldBe(
            [
                new DnsData.Service(0, 33, 5432, "db-0.db.default.svc.cluster.local"), new DnsData.Service(0, 33, 5432, "db-1.db.default.svc.cluster.local"),
                new DnsData.Service(0, 33, 5432, "10-244-2-3.db.default.svc.cluster.local"),
            ], ignoreOrder: true);
    }

    [Fact]
    public void A_services_own_name_has_a_service_record_for_each_port_and_the_weight_is_shared()
    {
        var dual = DnsWorld.Ask("dual.default.svc.cluster.local", DnsType.Srv);
        dual.Answers.Select(record => record.Data).ShouldBe(
            [new DnsData.Service(0, 25, 80, "dual.default.svc.cluster.local"), new DnsData.Service(0, 25, 53, "dual.default.svc.cluster.local")], ignoreOrder: true);
        dual.Additionals.Select(record => record.Data).ShouldBe(
            [new DnsData.Address(IpAddress.Parse("10.96.0.60")), new DnsData.Address(IpAddress.Parse("fd00:10:96::60"))], ignoreOrder: true);
        DnsWorld.Ask("10-244-3-3.web2.default.svc.cluster.local", DnsType.Srv).Answers.ShouldHaveSingleItem().Data
            .ShouldBe(new DnsData.Service(0, 100, 8080, "10-244-3-3.web2.default.svc.cluster.local"));
        DnsWorld.Ask("portless.default.svc.cluster.local", DnsType.Srv).ShouldSatisfyAllConditions(a => a.Answers.ShouldBeEmpty(), a => a.ResponseCode.ShouldBe(DnsResponseCode.NoError));
    }

    [Fact]
    public void Addresses_have_names()
    {
        Pointer("10.96.0.50").ShouldBe("web.default.svc.cluster.local");
        Pointer("10.244.2.2").ShouldBe("db-1.db.default.svc.cluster.local");
        Pointer("10.244.3.3").ShouldBe("10-244-3-3.web2.default.svc.cluster.local");
        Pointer("fd00:10:96::60").ShouldBe("dual.default.svc.cluster.local");
        Pointer("fd00:10:244:1::").ShouldBe("fd00-10-244-1--0.six.default.svc.cluster.local");
        StubResolver.ReverseName(IpAddress.Parse("2001:db8::1")).ShouldBe("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    }

    [Fact]
    public void An_external_name_is_an_alias_that_is_followed_inside_the_cluster_and_cannot_be_led_in_circles()
    {
        var alias = DnsWorld.Ask("alias.default.svc.cluster.local", DnsType.A);
        alias.Answers[0].Data.ShouldBe(new DnsData.CanonicalName("web.default.svc.cluster.local"));
        Addresses(alias).ShouldBe(["10.96.0.50"]);
        DnsWorld.Ask("alias.default.svc.cluster.local", DnsType.Cname).Answers.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.CanonicalName("web.default.svc.cluster.local"));
        var outside = DnsWorld.Ask("outside.default.svc.cluster.local", DnsType.A);
        outside.Answers.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.CanonicalName("example.com"));
        outside.ResponseCode.ShouldBe(DnsResponseCode.NoError);
        DnsWorld.Ask("dotted.default.svc.cluster.local", DnsType.A).Answers[0].Data.ShouldBe(new DnsData.CanonicalName("web.default.svc.cluster.local"));
    }

    [Theory]
    [InlineData(11, 12)]
    [InlineData(12, 0)]
    public void A_chain_of_aliases_is_followed_for_eleven_of_them(int length, int answers) =>
        DnsWorld.Ask("chain-1.default.svc.cluster.local", DnsType.A, tables: DnsWorld.WithChain(length)).Answers.Length.ShouldBe(answers);

    [Fact]
    public void Answers_repeat_the_letters_of_the_question()
    {
        DnsWorld.Ask("wEb.DeFault.svc.CLUSTER.local", DnsType.A).Answers.ShouldHaveSingleItem().Name.ShouldBe("wEb.DeFault.svc.CLUSTER.local");
        DnsWorld.Ask("wEb.DeFault.svc.CLUSTER.local", DnsType.Aaaa).Authorities.ShouldHaveSingleItem().Name.ShouldBe("CLUSTER.local");
    }

    [Fact]
    public void The_zone_has_an_authority_with_the_time_of_its_last_change_and_name_servers()
    {
        var modified = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var soa = DnsWorld.Ask("cluster.local", DnsType.Soa, tables: DnsWorld.Tables.ModifiedAt(modified)).Answers.ShouldHaveSingleItem();
        (soa.Name, soa.TimeToLive).ShouldBe(("cluster.local", 30u));
        soa.Data.ShouldBe(new DnsData.StartOfAuthority("ns.dns.cluster.local", "hostmaster.cluster.local", (uint)modified.ToUnixTimeSeconds(), 7200, 1800, 86400, 30));
        var servers = DnsWorld.Ask("cluster.local", DnsType.Ns, Served);
        servers.Answers.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.NameServer("kube-dns.kube-system.svc.cluster.local"));
        servers.Additionals.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.Address(IpAddress.Parse("10.96.0.10")));
    }

    [Fact]
    public void The_version_of_the_schema_is_a_text()
    {
        var version = DnsWorld.Ask("dns-version.cluster.local", DnsType.Txt).Answers.ShouldHaveSingleItem();
        version.TimeToLive.ShouldBe(28800u);
        version.Data.ShouldBeOfType<DnsData.Text>().Strings.ShouldBe(["1.1.0"]);
    }

    [Theory]
    [InlineData(DnsType.Axfr)]
    [InlineData(DnsType.Ixfr)]
    public void The_zone_is_handed_to_nobody(DnsType type) => DnsWorld.Ask("cluster.local", type).ResponseCode.ShouldBe(DnsResponseCode.Refused);

    [Fact]
    public void Before_anything_is_known_of_the_cluster_no_name_is_denied() =>
        DnsWorld.Ask("web.default.svc.cluster.local", DnsType.A, tables: NetworkTables.Empty).ResponseCode.ShouldBe(DnsResponseCode.ServerFailure);

    [Fact]
    public void Without_pod_records_or_a_zone_of_addresses_there_are_no_such_names()
    {
        var options = new ClusterDnsOptions { PodRecords = PodRecords.Disabled, Zones = ["cluster.local"] };
        DnsWorld.Ask("10-244-9-9.default.pod.cluster.local", DnsType.A, options).ResponseCode.ShouldBe(DnsResponseCode.NameError);
        DnsWorld.Ask("50.0.96.10.in-addr.arpa", DnsType.Ptr, options).ShouldSatisfyAllConditions(a => a.ResponseCode.ShouldBe(DnsResponseCode.NameError), a => a.Authoritative.ShouldBeFalse());
    }

    [Fact]
    public void Namespaces_that_are_not_to_be_told_of_and_services_without_endpoints_have_no_names_where_options_say_so()
    {
        var options = new ClusterDnsOptions { Namespaces = ["default"], IgnoresEmptyServices = true };
        DnsWorld.Ask("web2.default.svc.cluster.local", DnsType.A, options).ResponseCode.ShouldBe(DnsResponseCode.NoError);
        DnsWorld.Ask("web.default.svc.cluster.local", DnsType.A, options).ResponseCode.ShouldBe(DnsResponseCode.NameError);
        DnsWorld.Ask("kube-dns.kube-system.svc.cluster.local", DnsType.A, options).ResponseCode.ShouldBe(DnsResponseCode.NameError);
        DnsWorld.Ask("kube-system.svc.cluster.local", DnsType.A, options).ResponseCode.ShouldBe(DnsResponseCode.NameError);
    }

    [Fact]
    public void Outside_names_are_answered_when_configured()
    {
        var options = new ClusterDnsOptions { OutsideNames = ImmutableDictionary<string, ImmutableArray<IpAddress>>.Empty.Add("example.com", [IpAddress.Parse("192.0.2.1")]) };
        var answer = DnsWorld.Ask("Example.com", DnsType.A, options);
        (answer.Authoritative, answer.RecursionAvailable, answer.Answers.Length).ShouldBe((false, true, 1));
        DnsWorld.Ask(StubResolver.ReverseName(IpAddress.Parse("192.0.2.1")), DnsType.Ptr, options).Answers.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.Pointer("example.com"));
        DnsWorld.Ask("example.com", DnsType.Aaaa, options).ResponseCode.ShouldBe(DnsResponseCode.NoError);
        Addresses(DnsWorld.Ask("outside.default.svc.cluster.local", DnsType.A, options)).ShouldBe(["192.0.2.1"]);
    }

    /// <summary>As a server behind kube-dns has them.</summary>
    private static readonly ClusterDnsOptions Served = new() { ServerAddresses = [IpAddress.Parse("10.244.9.9")] };

    private static string Pointer(string address) =>
        DnsWorld.Ask(StubResolver.ReverseName(IpAddress.Parse(address)), DnsType.Ptr).Answers.ShouldHaveSingleItem().Data.ShouldBeOfType<DnsData.Pointer>().Target;

    private static IEnumerable<string> Addresses(DnsMessage message) => message.Answers.Select(record => record.Data).OfType<DnsData.Address>().Select(address => address.Value.ToString());
}
