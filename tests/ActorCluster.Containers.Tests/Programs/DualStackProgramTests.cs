using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Tests.Programs;

/// <summary>Programs in pods that have an address of each family.</summary>
public sealed class DualStackProgramTests : IAsyncLifetime
{
    private const string AgnHost = "registry.k8s.io/e2e-test-images/agnhost:2.59";
    private const string ServerV4 = "10.244.1.5";
    private const string ServerV6 = "fd00:10:244:1::5";
    private readonly ObservedClock _clock = new();
    private readonly TestLab _lab;
    private readonly TestNetwork _wire;
    private readonly NetworkNamespace _server;
    private readonly NetworkNamespace _client;
    private readonly NetworkNamespace _dns;

    public DualStackProgramTests()
    {
        var tables = new NetworkTablesSource();
        tables.Publish(NetworkTables.Empty.WithService(new ServiceEntry("default", "db", [], null, [Port(true, ServerV4), Port(false, ServerV6)])));
        _lab = new TestLab(services => services.AddSingleton(tables), _clock);
        _wire = new TestNetwork(_lab.Simulation);
        (_server, _client, _dns) = (_wire.Add(ServerV4, ServerV6), _wire.Add("10.244.2.7", "fd00:10:244:2::7"), _wire.Add("10.96.0.10"));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _lab.DisposeAsync();
        await _wire.DisposeAsync();
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("httpd")]
    public async Task Web_servers_answer_over_both_families_and_see_who_asks(string image)
    {
        var server = _lab.Create(image, _server).Start();
        // Each family may have a socket of its own.
        await server.Stderr.WaitForAsync(image == "nginx" ? "start worker processes" : "AH00094: Command line");

        foreach (var (url, client) in new[] { ($"http://[{ServerV6}]:80/", "fd00:10:244:2::7"), ($"http://{ServerV4}/", "10.244.2.7") })
        {
            (await RunAsync(AgnHost, "curl", "-g", "-s", "-o", "/dev/null", "-w", "%{http_code} %{local_ip}", url)).ShouldBe((0, $"200 {client}", ""));
            (await RunAsync("busybox", "wget", "-q", "-O", "/dev/null", url)).ShouldBe((0, "", ""));
            await server.Stdout.WaitForAsync(client + " - - ");
        }
    }

    [Fact]
    public async Task Agnhost_serves_dials_and_connects_over_IPv6()
    {
        _lab.Create(AgnHost, _server, arguments: ["netexec", "--http-port=8080", "--udp-port=8081"]).Start();
        await _server.WaitForListenerAsync(8080, CancellationToken.None);

        (await RunAsync(AgnHost, "/agnhost", "connect", $"[{ServerV6}]:8080", "--timeout=5s")).ShouldBe((0, "", ""));
        (await RunAsync(AgnHost, "/agnhost", "connect", $"[{ServerV6}]:8079", "--timeout=5s")).ShouldBe((1, "", "REFUSED\n"));
        (await RunAsync(AgnHost, "/agnhost", "connect", $"[{ServerV6}]:8081", "--protocol=udp", "--timeout=5s")).ExitCode.ShouldBe(0);
        (await RunAsync(AgnHost, "curl", "-g", "-s", $"http://[{ServerV6}]:8080/clientip")).Stdout.ShouldStartWith("[fd00:10:244:2::7]:");
        foreach (var (protocol, port) in new[] { ("http", 8080), ("udp", 8081) })
        {
            (await RunAsync(AgnHost, "curl", "-s", $"http://{ServerV4}:8080/dial?host={ServerV6}&port={port}&protocol={protocol}&request=hostname")).Stdout
                .ShouldBe("{\"responses\":[\"pod-1\"]}");
        }
        var asking = _lab.Create(AgnHost, _client, command: ["sh", "-c", $"echo hostname | nc -6 -u -w1 {ServerV6} 8081"]).Start();
        await asking.Stdout.WaitForAsync("pod-1");
        while (!asking.Main!.Exit.IsCompleted) await _clock.PassAsync(TimeSpan.FromSeconds(1), orUntil: asking.Main.Exit);
        asking.Stdout.Text.ShouldBe("pod-1");
        (await RunAsync(AgnHost, "nc", "-4", "-vz", ServerV6, "8080")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Names_with_addresses_of_both_families_are_told_in_the_order_of_the_resolver()
    {
        await using var dns = ClusterDnsServer.Start(_dns, _lab.Services.GetRequiredService<NetworkTablesSource>(), _lab.Simulation);

        (await RunAsync("busybox", "getent", "ahosts", "db")).ShouldBe(
            (0, $"{ServerV4,-15} STREAM db.default.svc.cluster.local\n{ServerV4,-15} DGRAM  \n{ServerV4,-15} RAW    \n{ServerV6} STREAM \n{ServerV6} DGRAM  \n{ServerV6} RAW    \n", ""));
        (await RunAsync("busybox", "getent", "hosts", "db")).Stdout.ShouldBe($"{ServerV6} db.default.svc.cluster.local\n");
        (await RunAsync("busybox", "getent", "ahostsv4", "db")).Stdout.ShouldStartWith($"{ServerV4,-15} STREAM db.default.svc.cluster.local\n");
        (await RunAsync("busybox", "getent", "hosts", "localhost")).Stdout.ShouldBe("::1             localhost\n");
        (await RunAsync("busybox", "getent", "hosts", "nobody")).ShouldBe((2, "", ""));
        (await RunAsync("busybox", "getent", "passwd", "root")).Stdout.ShouldStartWith("root:x:0:0:");
        (await RunAsync("busybox", "ping", "-c", "1", "db")).Stdout.ShouldStartWith($"PING db ({ServerV4})");
        (await RunAsync("busybox", "ping", "-6", "-c", "1", "db")).Stdout.ShouldContain($"64 bytes from {ServerV6}: seq=0");
        (await RunAsync(AgnHost, "dig", "+short", "AAAA", "db.default.svc.cluster.local")).Stdout.ShouldBe($"{ServerV6}\n");
        (await RunAsync(AgnHost, "dig", "+short", "-x", ServerV6)).Stdout.ShouldBe("db-0.db.default.svc.cluster.local.\n");
    }

    [Fact]
    public async Task Curl_and_the_applets_go_to_localhost_as_their_resolvers_have_it()
    {
        _lab.Create(AgnHost, _client, arguments: ["netexec", "--http-port=8080", "--udp-port=-1"]).Start();
        await _client.WaitForListenerAsync(8080, CancellationToken.None);

        (await RunAsync(AgnHost, "curl", "-s", "localhost:8080/clientip")).Stdout.ShouldStartWith("[::1]:");
        (await RunAsync(AgnHost, "curl", "-4", "-s", "localhost:8080/clientip")).Stdout.ShouldStartWith("127.0.0.1:");
        (await RunAsync("busybox", "wget", "-qO-", "http://localhost:8080/clientip")).Stdout.ShouldStartWith("127.0.0.1:");
        (await RunAsync("busybox", "hostname", "-i")).Stdout.ShouldBe("10.244.2.7 fd00:10:244:2::7\n");
        // What listens on 127.0.0.1 alone is found all the same.
        var server = _lab.Create("nginx", _client, files: new Dictionary<string, string> { ["/etc/nginx/nginx.conf"] = "events {} http { server { listen 127.0.0.1:81; location / { return 204; } } }" }).Start();
        await _client.WaitForListenerAsync(81, CancellationToken.None);
        (await RunAsync(AgnHost, "curl", "-s", "-w", "%{http_code}", "localhost:81")).ShouldBe((0, "204", ""));
        server.Main!.Exit.IsCompleted.ShouldBeFalse();
    }

    private Task<(int ExitCode, string Stdout, string Stderr)> RunAsync(string image, params string[] command) => _lab.Create(image, _client, command: command).RunAsync();

    private static ServicePort Port(bool v4, string address) => new("default/db", "sql", IpProtocol.Tcp, 5432, v4, [new(IpAddress.Parse(address), 5432, "n1", "db-0")], []);
}
