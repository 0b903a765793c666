using ActorCluster.Containers.Programs.CoreDns;

namespace ActorCluster.Containers.Tests.Programs;

public class CorefileTests
{
    [Theory]
    [InlineData("kubernetes cluster.local {\n pods some\n }", "plugin/kubernetes: wrong value for pods: some,  must be one of: disabled, verified, insecure")]
    [InlineData("kubernetes cluster.local {\n ttl 3601\n }", "plugin/kubernetes: Corefile:3 - Error during parsing: ttl must be in range [0, 3600]: 3601")]
    [InlineData("kubernetes cluster.local {\n nonsense\n }", "plugin/kubernetes: Corefile:3 - Error during parsing: unknown property 'nonsense'")]
    [InlineData("kubernetes cluster.local {\n pods\n }", "plugin/kubernetes: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after 'pods'")]
    [InlineData("kubernetes in-addr.arpa", "plugin/kubernetes: non-reverse zone name must be used")]
    [InlineData("kubernetes a\n kubernetes b", "plugin/kubernetes: this plugin can only be used once per Server Block")]
    [InlineData("kubernetes a {\n labels a=b\n }", "plugin/kubernetes: labels is not emulated")]
    [InlineData("forward .", "plugin/forward: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '.'")]
    [InlineData("forward . nowhere", "plugin/forward: not an IP address or file \"nowhere\": open nowhere: no such file or directory")]
    [InlineData("forward . tls://192.0.2.1", "plugin/forward: forwarding to tls:// is not emulated")]
    [InlineData("forward . 192.0.2.1 {\n policy best\n }", "plugin/forward: Corefile:3 - Error during parsing: unknown policy 'best'")]
    [InlineData("forward . 192.0.2.1 {\n max_concurrent -1\n }", "plugin/forward: max_concurrent can't be negative: -1")]
    [InlineData("forward . 192.0.2.1 {\n read_timeout 3\n }", "plugin/forward: time: missing unit in duration \"3\"")]
    [InlineData("health {\n lameduck 5x\n }", "plugin/health: time: unknown unit \"x\" in duration \"5x\"")]
    [InlineData("log . {\n class none\n }", "plugin/log: invalid Class: none")]
    [InlineData("hosts {\n ttl 0\n }", "plugin/hosts: Corefile:3 - Error during parsing: ttl provided is invalid")]
    [InlineData("rewrite name a b", "plugin/rewrite: this plugin is not emulated")]
    [InlineData("nonsense", "Corefile:2 - Error during parsing: Unknown directive 'nonsense'")]
    [InlineData("health {", "Corefile:2 - Error during parsing: Unexpected EOF", false)]
    [InlineData("import more", "Corefile:2 - Error during parsing: import and snippets are not emulated")]
    [InlineData("}\n.:53 {\n", "cannot serve dns://.:53 - it is already defined")]
    [InlineData("}\na:0 {\n", "a:0: invalid port '0'")]
    [InlineData("}\ntls://a {\n", "tls://a: of the protocols of servers only dns:// is emulated")]
    public void What_is_wrong_is_said_as_CoreDNS_says_it(string directives, string message, bool closed = true) =>
        Should.Throw<CorefileException>(() => Parse($".:53 {{\n {directives}\n{(closed ? "}\n" : "")}")).Message.ShouldBe(message);

    [Fact]
    public void Quotes_comments_commas_and_a_file_without_braces_are_understood()
    {
        var blocks = CorefileParser.Parse("a.test, # both\nb.test\nlog . \"{name} \\\"{type}\\\"\" # a format\nhosts {\n 192.0.2.1 c.test }\n", "Corefile");

        var block = blocks.ShouldHaveSingleItem();
        block.Keys.ShouldBe(["a.test", "b.test"]);
        block.Directives[0].Arguments.ShouldBe([".", "{name} \"{type}\""]);
        block.Directives[1].Options.ShouldHaveSingleItem().Words.ShouldBe(["192.0.2.1", "c.test"]);
    }

    [Fact]
    public void Blocks_of_addresses_are_zones_of_their_reverse_names() =>
        Parse("10.96.0.0/15:1053 fd00:10:244::/46 Example.COM. {\n log\n}").Blocks.Single().Zones.Select(zone => zone.ToString()).ShouldBe(
            ["96.10.in-addr.arpa.:1053", "97.10.in-addr.arpa.:1053", "4.4.2.0.0.1.0.0.0.0.d.f.ip6.arpa.:53", "5.4.2.0.0.1.0.0.0.0.d.f.ip6.arpa.:53",
                "6.4.2.0.0.1.0.0.0.0.d.f.ip6.arpa.:53", "7.4.2.0.0.1.0.0.0.0.d.f.ip6.arpa.:53", "example.com.:53"]);

    [Fact]
    public void The_plugins_of_the_process_have_their_ports_and_times()
    {
        var corefile = Parse(". {\n health :8081 {\n lameduck 1m30s\n }\n ready\n prometheus :9154\n reload 1s\n}\na {\n prometheus\n}");

        (corefile.HealthPort, corefile.ReadyPort, corefile.LameDuck, corefile.ReloadInterval).ShouldBe(((ushort?)8081, (ushort?)8181, TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(2)));
        corefile.MetricsPorts.ShouldBe([(ushort)9153, (ushort)9154]);
        Parse(". {\n reload 0s\n}").ReloadInterval.ShouldBeNull();
    }

    private static Corefile Parse(string text) => Corefile.Parse(text, "Corefile", _ => throw new FileNotFoundException("No such file or directory"));
}
