using ActorCluster.Network.Addresses;
using ActorCluster.Network.Stack;

namespace ActorCluster.Containers.Tests.Programs;

public sealed class CoreDnsTests : IAsyncLifetime
{
    private readonly ProgramWorld _world = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task It_says_what_it_is_answers_probes_and_ends_on_sigterm()
    {
        await using var dns = await _world.StartDnsAsync();
        dns.Stdout.Text.ShouldStartWith(".:53\nCoreDNS-1.14.2\n");
        (await _world.BusyBoxAsync("wget", "-qO-", "10.96.0.10:8080/health")).ShouldBe((0, "OK", ""));
        (await _world.BusyBoxAsync("wget", "-qO-", "10.96.0.10:8181/ready")).ShouldBe((0, "OK", ""));

        (await _world.BusyBoxAsync("nslookup", "web.default.svc.cluster.local")).ExitCode.ShouldBe(0);
        var metrics = (await _world.BusyBoxAsync("wget", "-qO-", "10.96.0.10:9153/metrics")).Stdout;
        metrics.ShouldContain("coredns_dns_requests_total{family=\"1\",proto=\"udp\",server=\"dns://:53\",type=\"A\",view=\"\",zone=\".\"} 4\n");
        metrics.ShouldContain("coredns_dns_responses_total{plugin=\"\",rcode=\"NOERROR\",server=\"dns://:53\",view=\"\",zone=\".\"} 2\n");

        dns.Inner.Signal(15);

        (await dns.Main!.Exit).ShouldBe(0);
        dns.Stdout.Text.ShouldEndWith("[INFO] SIGTERM: Shutting down servers then terminating\n");
        (await _world.BusyBoxAsync("nslookup", "web")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        await using var taken = _world.Dns.ListenTcp(new SocketAddress(IpAddress.AnyV6, 53));
        (await _world.CreateDns().RunAsync()).ShouldBe((1, "", "Listen: listen tcp :53: bind: address already in use\n"));
    }

    [Fact]
    public async Task A_killed_server_answers_no_more()
    {
        await using var dns = await _world.StartDnsAsync();
        dns.Inner.Signal(9);
        (await dns.Main!.Exit).ShouldBe(137);
        await ProgramWorld.UntilAsync(() => _world.Dns.ListSockets().Count == 0, "its sockets are closed");
        (await _world.BusyBoxAsync("nslookup", "web")).Stdout.ShouldBe(";; connection timed out; no servers could be reached\n\n");
    }

    [Fact]
    public async Task Endpoints_are_told_in_another_order_each_time()
    {
        await using var dns = await _world.StartDnsAsync();
        var orders = new HashSet<string>();
        for (var i = 0; i < 50; i++)
        {
            var answer = (await _world.RunAsync("registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7", "dig", "+short", "many.default.svc.cluster.local")).Stdout;
            answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe(["10.244.1.5", "10.244.1.6", "10.244.1.7"]);
            orders.Add(answer);
        }
        orders.Count.ShouldBe(6, "each order of three comes in fifty answers of this seed");
    }

    [Fact]
    public async Task What_forward_names_is_asked_for_what_is_not_the_clusters_and_the_alias_of_a_service_leads_there()
    {
        await using var upstream = await StartAsync(_world.Server, ".:53 {\n hosts {\n 192.0.2.7 example.com\n fallthrough\n }\n log\n}\n");
        await using var dns = await StartAsync(_world.Dns, $". {{\n kubernetes cluster.local {{\n fallthrough\n }}\n forward . {ProgramWorld.ServerAddress} {{\n except never.test\n }}\n errors\n}}\n");

        (await DigAsync("example.com")).ShouldBe("192.0.2.7\n");
        (await DigAsync("search.shop.svc.cluster.local")).ShouldBe("example.com.\n192.0.2.7\n");
        (await DigAsync("web.default.svc.cluster.local")).ShouldBe("10.96.7.7\n");
        (await StatusOfAsync("nosuch.test")).ShouldBe("SERVFAIL");
        (await StatusOfAsync("a.never.test")).ShouldBe("SERVFAIL");

        upstream.Stdout.Text.ShouldContain("\"A IN nosuch.test. udp 40 false 1232\" SERVFAIL qr,rd 40 ");
        upstream.Stdout.Text.ShouldNotContain("never.test");
        dns.Stdout.Text.ShouldEndWith("[ERROR] plugin/errors: 2 a.never.test. A: plugin/server: no next plugin found\n");
    }

    [Fact]
    public async Task A_name_server_that_is_not_there_is_a_failure_that_is_logged()
    {
        await using var dns = await StartAsync(_world.Dns, $". {{\n forward . {ProgramWorld.ServerAddress}:5353\n errors\n}}\n");

        (await StatusOfAsync("example.com")).ShouldBe("SERVFAIL");

        dns.Stdout.Text.ShouldEndWith($"[ERROR] plugin/errors: 2 example.com. A: read udp {ProgramWorld.ServerAddress}:5353: read: connection refused\n");
    }

    [Fact]
    public async Task Each_server_block_answers_its_zones_and_ports_and_no_others()
    {
        await using var dns = await StartAsync(_world.Dns, """
            cluster.local, 10.96.0.0/16 {
                kubernetes
            }
            shop.example {
                hosts {
                    192.0.2.8 www.shop.example
                }
            }
            example:5353 {
                hosts {
                    192.0.2.9 www.shop.example
                }
            }
            """);
        dns.Stdout.Text.ShouldStartWith("96.10.in-addr.arpa.:53\ncluster.local.:53\nshop.example.:53\nexample.:5353\nCoreDNS-");

        (await DigAsync("web.default.svc.cluster.local")).ShouldBe("10.96.7.7\n");
        (await DigAsync("www.shop.example")).ShouldBe("192.0.2.8\n");
        (await DigAsync("www.shop.example", "-p", "5353")).ShouldBe("192.0.2.9\n");
        (await DigAsync("-x", "10.96.7.7")).ShouldBe("web.default.svc.cluster.local.\n");
        (await StatusOfAsync("www.other.example")).ShouldBe("REFUSED");
    }

    [Fact]
    public async Task A_changed_Corefile_is_followed_and_a_wrong_one_is_said_and_left_alone()
    {
        const string path = "/etc/coredns/Corefile";
        await using var taken = _world.Dns.ListenTcp(new SocketAddress(IpAddress.AnyV6, 5353));
        await using var dns = await StartAsync(_world.Dns, Hosts("192.0.2.1"));
        dns.Stdout.Text.ShouldContain(".:53\n[INFO] plugin/reload: Running configuration SHA512 = ");
        (await DigAsync("www.test")).ShouldBe("192.0.2.1\n");

        await ChangeAsync(Hosts("192.0.2.2") + "nonsense {", $"[WARNING] plugin/reload: Corefile parse failed: {path}:8 - Syntax error: Unexpected token '{{', expecting '}}'\n");
        await ChangeAsync(Hosts("192.0.2.2").Replace("loadbalance", "balance", StringComparison.Ordinal), "[INFO] Reloading\n[ERROR] Restart failed: /etc/coredns/Corefile:6 - Error during parsing: Unknown directive 'balance'\n"
            + "[ERROR] plugin/reload: Corefile changed but reload failed: /etc/coredns/Corefile:6 - Error during parsing: Unknown directive 'balance'\n");
        await ChangeAsync(Hosts("192.0.2.2") + "test:5353 {\n whoami\n}\n", "[ERROR] plugin/reload: Corefile changed but reload failed: plugin/whoami: this plugin is not emulated\n");
        await ChangeAsync(Hosts("192.0.2.2") + "test:5353 {\n log\n}\n", "[ERROR] plugin/reload: Corefile changed but reload failed: Listen: listen tcp :5353: bind: address already in use\n");
        (await DigAsync("www.test")).ShouldBe("192.0.2.1\n");

        await ChangeAsync(Hosts("192.0.2.2"), "[INFO] Reloading complete\n");
        (await DigAsync("www.test")).ShouldBe("192.0.2.2\n");

        static string Hosts(string address) => $". {{\n hosts {{\n {address} www.test\n }}\n reload 2s\n loadbalance\n}}\n";

        async Task ChangeAsync(string corefile, string said)
        {
            dns.Write(path, corefile);
            await _world.Clock.PassAsync(TimeSpan.FromSeconds(2));
            await dns.Stdout.WaitForAsync(said);
        }
    }

    [Fact]
    public async Task A_server_that_forwards_to_itself_ends()
    {
        await using var dns = await StartAsync(_world.Dns, ". {\n loop\n forward . 127.0.0.1\n}\n");

        (await dns.Main!.Exit).ShouldBe(1);

        dns.Stdout.Text.ShouldContain("[FATAL] plugin/loop: Loop (127.0.0.1:");
        dns.Stdout.Text.ShouldContain(" -> :53) detected for zone \".\", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO ");
    }

    [Fact]
    public async Task It_is_ready_when_it_knows_the_pods_that_it_must_verify()
    {
        await using var dns = await StartAsync(_world.Dns, ". {\n kubernetes cluster.local {\n pods verified\n }\n ready\n}\n");

        (await _world.BusyBoxAsync("wget", "-qO-", "10.96.0.10:8181/ready")).ShouldBe((1, "", "wget: server returned error: HTTP/1.1 503 Service Unavailable\n"));
        (await StatusOfAsync("10-244-1-5.default.pod.cluster.local")).ShouldBe("NXDOMAIN");
    }

    private async Task<TestContainer> StartAsync(NetworkNamespace network, string corefile)
    {
        var files = new Dictionary<string, string> { ["/etc/coredns/Corefile"] = corefile };
        var dns = _world.Lab.Create("registry.k8s.io/coredns/coredns:v1.14.2", network, arguments: ["-conf", "/etc/coredns/Corefile"], files: files).Start();
        await Task.WhenAny(dns.Stdout.WaitForAsync("CoreDNS-"), dns.Main!.Exit);
        dns.Stderr.Text.ShouldBeEmpty();
        return dns;
    }

    private async Task<string> DigAsync(params string[] arguments) => (await _world.RunAsync("registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7", ["dig", "+short", .. arguments])).Stdout;

    private async Task<string> StatusOfAsync(string name)
    {
        var answer = (await _world.RunAsync("registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7", "dig", name)).Stdout;
        var status = answer.IndexOf("status: ", StringComparison.Ordinal) + "status: ".Length;
        return answer[status..answer.IndexOf(',', status)];
    }
}
