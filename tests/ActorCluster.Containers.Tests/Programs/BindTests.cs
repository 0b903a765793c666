namespace ActorCluster.Containers.Tests.Programs;

public sealed class BindTests : IAsyncLifetime
{
    private const string Image = "registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7";
    private readonly ProgramWorld _world = new();

    public async Task InitializeAsync() => await _world.StartDnsAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Nslookup_finds_names_by_the_search_list_in_binds_form()
    {
        (await RunAsync("nslookup", "kubernetes.default")).ShouldBe(
            (0, "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1\n\n", ""));
        (await RunAsync("nslookup", "web", "10.96.0.10")).Stdout.ShouldBe(
            "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.7.7\nName:\tweb.default.svc.cluster.local\nAddress: fd00:96::7\n\n");
        (await RunAsync("nslookup", "nope")).ShouldBe((1, "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n** server can't find nope: NXDOMAIN\n\n", ""));
        (await RunAsync("nslookup", "10.96.0.1")).Stdout.ShouldBe("1.0.96.10.in-addr.arpa\tname = kubernetes.default.svc.cluster.local.\n\n");
        (await RunAsync("nslookup", "web", ProgramWorld.ServerAddress)).ShouldBe((1, ";; connection timed out; no servers could be reached\n\n", ""));
    }

    [Fact]
    public async Task Dig_prints_the_whole_message()
    {
        var (code, stdout, _) = await RunAsync("dig", "web.default.svc.cluster.local");
        code.ShouldBe(0);
        stdout.ShouldMatch(
            "^\n; <<>> DiG 9\\.18\\.27 <<>> web\\.default\\.svc\\.cluster\\.local\n;; global options: \\+cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: [0-9]+\n" +
            ";; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1\n;; WARNING: recursion requested but not available\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n" +
            ";; QUESTION SECTION:\n;web\\.default\\.svc\\.cluster\\.local\\.\tIN\tA\n\n;; ANSWER SECTION:\nweb\\.default\\.svc\\.cluster\\.local\\. 5 IN\tA\t10\\.96\\.7\\.7\n\n" +
            ";; Query time: 0 msec\n;; SERVER: 10\\.96\\.0\\.10#53\\(10\\.96\\.0\\.10\\) \\(UDP\\)\n;; WHEN: Mon Nov 23 09:00:00 UTC 2026\n;; MSG SIZE  rcvd: [0-9]+\n\n$");
    }

    [Fact]
    public async Task Dig_shows_only_what_it_is_asked_for()
    {
        (await RunAsync("dig", "+short", "web.default.svc.cluster.local", "AAAA")).ShouldBe((0, "fd00:96::7\n", ""));
        (await RunAsync("dig", "+short", "web")).ShouldBe((0, "", ""));
        (await RunAsync("dig", "+notcp", "+noall", "+answer", "+search", "kubernetes.default", "A")).Stdout.ShouldBe("kubernetes.default.svc.cluster.local. 5 IN A\t10.96.0.1\n");
        (await RunAsync("dig", "+tcp", "+short", "@10.96.0.10", "-x", "10.96.7.7")).Stdout.ShouldBe("web.default.svc.cluster.local.\n");
        (await RunAsync("dig", "+short", "_http._tcp.web.default.svc.cluster.local", "SRV")).Stdout.ShouldBe("0 50 80 web.default.svc.cluster.local.\n"); // of two families
        (await RunAsync("dig", "nope.default.svc.cluster.local")).Stdout.ShouldContain("status: NXDOMAIN");
        (await RunAsync("dig", "+nocmd", "@10.244.1.5", "web")).ShouldBe((9, ";; communications error to 10.244.1.5#53: timed out\n;; no servers could be reached\n", ""));
        (await RunAsync("dig", "+nonsense", "web")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Host_says_it_in_sentences()
    {
        (await RunAsync("host", "web")).ShouldBe((0, "web.default.svc.cluster.local has address 10.96.7.7\nweb.default.svc.cluster.local has IPv6 address fd00:96::7\n", ""));
        (await RunAsync("host", "10.96.0.1")).Stdout.ShouldBe("1.0.96.10.in-addr.arpa domain name pointer kubernetes.default.svc.cluster.local.\n");
        (await RunAsync("host", "nope")).ShouldBe((1, "Host nope not found: 3(NXDOMAIN)\n", ""));
    }

    private Task<(int ExitCode, string Stdout, string Stderr)> RunAsync(params string[] command) => _world.RunAsync(Image, command);
}
