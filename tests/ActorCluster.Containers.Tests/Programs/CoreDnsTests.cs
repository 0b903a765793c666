using ActorCluster.Network.Addresses;

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

    [Theory]
    [InlineData("pods verified", "Corefile:2 - Error during parsing: pods verified is not emulated\n")]
    [InlineData("pods some", "Corefile:2 - Error during parsing: wrong value for pods: some,  must be one of: disabled, verified, insecure\n")]
    [InlineData("ttl 3601", "Corefile:2 - Error during parsing: ttl must be in range [0, 3600]: 3601\n")]
    public async Task What_a_Corefile_may_not_say_is_an_error(string option, string message)
    {
        var files = new Dictionary<string, string> { ["/Corefile"] = $".:53 {{\n kubernetes cluster.local {{\n {option}\n }}\n}}\n" };
        var answer = await _world.Lab.Create("registry.k8s.io/coredns/coredns:v1.14.2", _world.Dns, arguments: ["-conf", "/Corefile"], files: files).RunAsync();
        answer.ShouldBe((1, "", "/" + message));
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
}
