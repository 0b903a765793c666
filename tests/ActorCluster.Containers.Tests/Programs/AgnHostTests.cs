using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Containers.Programs;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Tests.Programs;

public sealed class AgnHostTests : IAsyncLifetime
{
    private const string Image = "registry.k8s.io/e2e-test-images/agnhost:2.53";
    private readonly ProgramWorld _world = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Netexec_tells_of_itself_by_http()
    {
        var server = await StartAsync("Started HTTP server on port 8080", "netexec");

        (await GetAsync("/hostname")).ShouldBe("pod-1");
        (await GetAsync("/clientip")).ShouldStartWith("10.244.2.7:");
        (await GetAsync("/serverport")).ShouldBe("8080");
        (await GetAsync("/")).ShouldBe("NOW: 2026-11-23 09:00:00 +0000 UTC m=+0.000000000");
        (await GetAsync("/echo?msg=a%20b")).ShouldBe("a b");
        (await CurlAsync("-so", "/dev/null", "-w", "%{http_code}", "10.244.1.5:8080/echo?msg=x&code=418")).ShouldBe("418");
        (await CurlAsync("-s", "-H", "x-one: <1>", "10.244.1.5:8080/header?key=X-One")).ShouldBe("<1>");
        (await CurlAsync("-s", "-A", "", "-H", "x-one: <1>", "10.244.1.5:8080/header")).ShouldBe("""{"Accept":["*/*"],"X-One":["\u003c1\u003e"]}""");
        (await CurlAsync("-s", "-w", "%{http_code} %{redirect_url}", "-o", "/dev/null", "10.244.1.5:8080/redirect?location=/echo?msg=x")).ShouldBe("302 http://10.244.1.5:8080/echo?msg=x");
        (await CurlAsync("-s", "-d", "msg=posted", "10.244.1.5:8080/echo")).ShouldBe("posted");
        server.Stderr.Text.ShouldContain("2026/11/23 09:00:00 GET /hostname\n");
    }

    [Fact]
    public async Task A_guestbooks_frontend_writes_to_its_primary_and_reads_from_a_replica()
    {
        var primary = _world.Lab.Create(Image, _world.Server, arguments: ["guestbook", "--http-port", "6379"]).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Any(socket => socket.Local.Port == 6379), "the primary listens");
        (await CurlAsync("-s", "-G", "--data-urlencode", "value=<one>", "10.244.1.5:6379/set?key=first")).ShouldBe("""{"message":"Updated"}""");
        var replica = _world.Lab.Create(Image, _world.Client, arguments: ["guestbook", "--replicaof", "10.244.1.5", "--http-port", "6379"]).Start();
        await replica.Stderr.WaitForAsync("Registered to node: 10.244.1.5");
        await primary.Stderr.WaitForAsync("Node '10.244.2.7' registered.");
        var hosts = new Dictionary<string, string> { ["/etc/hosts"] = "127.0.0.1\tlocalhost\n10.244.1.5\tagnhost-primary\n10.244.2.7\tagnhost-replica\n" };
        var frontend = _world.Lab.Create(Image, _world.Client, arguments: ["guestbook"], files: hosts).Start();
        await ProgramWorld.UntilAsync(() => _world.Client.ListSockets().Any(socket => socket.Local.Port == 80), "the frontend listens");

        (await AskAsync("cmd=get&key=messages")).ShouldBe("""{"data":""}""");
        (await AskAsync("cmd=SET&key=messages&value=a%20%26%20b")).ShouldBe("""{"message":"Updated"}""");
        (await AskAsync("cmd=get&key=messages")).ShouldBe("""{"data":"a \u0026 b"}""");
        (await CurlAsync("-s", "10.244.2.7:6379/get")).ShouldBe("""{"data":{"first":"\u003cone\u003e","messages":"a \u0026 b"}}""");
        (await AskAsync("cmd=del")).ShouldBe("unsupported cmd: 'del'\n");
        (await AskAsync("cmd=set")).ShouldBe("cannot set with empty key.\n");
        replica.Main!.Signal(15);
        (await replica.Main.Exit).ShouldBe(2);
        (await AskAsync("cmd=get")).ShouldBe("encountered error: Get \"http://10.244.2.7:6379/get?key=&value=\": dial tcp 10.244.2.7:6379: connect: connection refused\n");
        (await AskAsync("cmd=set&key=x")).ShouldStartWith("encountered error while propagating to replica '10.244.2.7': ");

        async Task<string> AskAsync(string query) => (await frontend.ExecAsync("curl", "-s", $"localhost/guestbook?{query}")).Stdout;
    }

    [Fact]
    public async Task A_nettest_tells_who_has_written_to_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var credentials = new Dictionary<string, string>
        {
            ["/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"] = authority.ExportCertificatePem(), ["/var/run/secrets/kubernetes.io/serviceaccount/token"] = "t",
        };
        // Nobody listens there, so that it goes on looking for the API.
        var environment = new Dictionary<string, string> { ["KUBERNETES_SERVICE_HOST"] = "10.244.2.7", ["KUBERNETES_SERVICE_PORT"] = "443" };
        var server = _world.Lab.Create(Image, _world.Server, arguments: ["nettest", "--peers=1"], environment: environment, files: credentials).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Any(socket => socket.Local.Port == 8080), "it listens");

        (await CurlAsync("-s", "10.244.1.5:8080/status")).ShouldBe("running");
        (await CurlAsync("-s", "-d", """{"Source":"prestop"}""", "10.244.1.5:8080/write")).ShouldStartWith("""{"Hostname":""");
        (await CurlAsync("-s", "-d", "nonsense", "10.244.1.5:8080/write")).ShouldStartWith("""{"Hostname":""");
        var state = JsonNode.Parse(await CurlAsync("-s", "10.244.1.5:8080/read"))!;
        state["Received"]!.ToJsonString().ShouldBe("""{"prestop":1}""");
        state["Sent"].ShouldBeNull();
        state["Errors"]!.AsArray().Count.ShouldBe(2);
        await server.Stderr.WaitForAsync("Unable to get server version:");
        await CurlAsync("-s", "10.244.1.5:8080/quit");
        (await server.Main!.Exit).ShouldBe(0);
    }

    [Fact]
    public async Task A_nettest_that_is_in_no_pod_gives_up()
    {
        var (code, _, errors) = await _world.RunAsync(Image, "/agnhost", "nettest");

        code.ShouldBe(1);
        errors.ShouldContain("unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined");
    }

    [Fact]
    public async Task A_guestbooks_replica_that_finds_no_primary_gives_up()
    {
        var replica = _world.Lab.Create(Image, _world.Client, arguments: ["guestbook", "--replicaof", "10.244.1.5"]).Start();
        while (!replica.Main!.Exit.IsCompleted) await _world.Clock.PassAsync(TimeSpan.FromSeconds(1), replica.Main.Exit);
        (await replica.Main.Exit).ShouldBe(1);
        replica.Stderr.Text.ShouldEndWith(" Timed out while registering to primary.\n");
    }

    [Theory]
    [InlineData("nautilus")]
    [InlineData("kitten")]
    public async Task The_update_demos_images_say_which_they_are(string name)
    {
        _world.Lab.Create($"registry.k8s.io/e2e-test-images/{name}:1.8", _world.Server).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Any(socket => socket.Local.Port == 80), "the server listens");
        (await CurlAsync("-s", "10.244.1.5/data.json")).ShouldContain($"\"image\": \"{name}.jpg\"");
    }

    [Fact]
    public async Task Its_nc_is_openbsds()
    {
        await using var listener = _world.Server.ListenTcp(new SocketAddress(IpAddress.AnyV4, 80));

        (await _world.RunAsync(Image, "nc", "-v", "-z", "-t", "-w", "2", "10.244.1.5", "80")).ShouldBe((0, "", "Connection to 10.244.1.5 (10.244.1.5) 80 port [tcp/*] succeeded!\n"));
        (await _world.RunAsync(Image, "nc", "-v", "-z", "-w", "2", "10.244.1.5", "81")).ShouldBe((1, "", "nc: connect to 10.244.1.5 (10.244.1.5) port 81 (tcp) failed: Connection refused\n"));

        var server = _world.Lab.Create(Image, _world.Server, command: ["nc", "-l", "4000"]).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Any(socket => socket.Local.Port == 4000), "nc listens");
        await _world.BusyBoxAsync("sh", "-c", "echo hello | nc -w 1 10.244.1.5 4000");
        (await server.Main!.Exit).ShouldBe(0);
        server.Stdout.Text.ShouldBe("hello\n");
    }

    [Fact]
    public async Task Netexec_runs_commands_and_takes_files()
    {
        var server = await StartAsync("Started HTTP server", "netexec", "--http-port=80");

        (await CurlAsync("-s", "-G", "--data-urlencode", "cmd=echo hi; echo no >&2; exit 3", "10.244.1.5/shell")).ShouldBe("""{"error":"exit status 3","output":"hi\nno\n"}""");
        var uploaded = await CurlAsync("-s", "-F", "file=@/etc/hosts", "10.244.1.5/upload");
        uploaded.ShouldStartWith("""{"output":"/uploads/upload""");
        server.Read(uploaded["""{"output":" """.Length..^2].TrimStart('"')).ShouldContain("localhost");
    }

    [Fact]
    public async Task Netexec_answers_datagrams_and_is_ready_only_with_them()
    {
        await StartAsync("Started UDP server on port", "netexec");
        using var socket = _world.Client.BindUdp(new SocketAddress(IpAddress.AnyV4, 3000));

        (await AskAsync("hostname\n")).ShouldBe("pod-1");
        (await AskAsync("echo Some Words")).ShouldBe("some words");
        (await AskAsync("clientIP")).ShouldBe("10.244.2.7:3000");
        (await AskAsync("serverport")).ShouldBe("8081");
        (await GetAsync("/healthz")).ShouldBe("");
        (await GetAsync("/readyz")).ShouldBe("ok");

        async Task<string> AskAsync(string text)
        {
            socket.Send(Encoding.ASCII.GetBytes(text), new SocketAddress(IpAddress.Parse(ProgramWorld.ServerAddress), 8081));
            return Encoding.ASCII.GetString((await socket.ReceiveAsync()).Payload.Span);
        }
    }

    [Fact]
    public async Task Netexec_dials_others_and_reports_each_answer_and_failure()
    {
        await StartAsync("Started HTTP server", "netexec");
        var dialer = _world.Lab.Create(Image, _world.Client, arguments: ["netexec", "--http-port", "9090", "--udp-port", "-1"]).Start();
        await dialer.Stderr.WaitForAsync("Started HTTP server on port 9090");

        (await DialAsync("host=10.244.1.5&port=8080&request=hostname&tries=2")).ShouldBe("""{"responses":["pod-1","pod-1"]}""");
        (await DialAsync("host=10.244.1.5&port=8081&request=hostname&protocol=udp")).ShouldBe("""{"responses":["pod-1"]}""");
        (await DialAsync("host=10.244.1.5&port=99&request=hostname")).ShouldBe("""{"errors":["Get \"http://10.244.1.5:99/hostname\": dial tcp 10.244.1.5:99: connect: connection refused"]}""");
        (await DialAsync("host=10.244.1.5&port=99&request=hostname&protocol=udp")).ShouldContain("read: connection refused'");
        (await DialAsync("host=10.244.1.5&port=99")).ShouldBe("request parameter not specified. <nil>\n");
        (await dialer.ExecAsync("wget", "-qO-", "localhost:9090/healthz")).Stderr.ShouldBe("wget: server returned error: HTTP/1.1 412 Precondition Failed\n");

        async Task<string> DialAsync(string query) => (await dialer.ExecAsync("curl", "-s", $"localhost:9090/dial?{query}")).Stdout;
    }

    [Fact]
    public async Task Netexec_answers_commands_over_sctp_and_dials_others_so()
    {
        await StartAsync("Started SCTP server", "netexec", "--sctp-port", "8082", "--udp-port", "-1");
        var dialer = _world.Lab.Create(Image, _world.Client, arguments: ["netexec", "--http-port", "9090", "--udp-port", "-1"]).Start();
        await dialer.Stderr.WaitForAsync("Started HTTP server on port 9090");

        (await GetAsync("/readyz")).ShouldBe("ok");
        (await DialAsync("host=10.244.1.5&port=8082&request=hostname&protocol=sctp&tries=2")).ShouldBe("""{"responses":["pod-1","pod-1"]}""");
        (await DialAsync("host=10.244.1.5&port=8082&request=echo%20Words&protocol=SCTP")).ShouldBe("""{"responses":["words"]}""");
        (await DialAsync("host=10.244.1.5&port=8082&request=serverport&protocol=sctp")).ShouldBe("""{"responses":["8082"]}""");
        (await DialAsync("host=10.244.1.5&port=8082&request=clientip&protocol=sctp")).ShouldStartWith("""{"responses":["10.244.2.7:""");
        (await DialAsync("host=10.244.1.5&port=99&request=hostname&protocol=sctp")).ShouldBe("""{"errors":["sctp dial failed. err:connection refused"]}""");
        (await DialAsync("host=10.244.1.5&port=8082&request=nonsense&protocol=sctp")).ShouldBe("""{"errors":["reading from sctp connection failed. err:'EOF'"]}""");

        async Task<string> DialAsync(string query) => (await dialer.ExecAsync("curl", "-s", $"localhost:9090/dial?{query}")).Stdout;
    }

    [Fact]
    public async Task Connect_over_sctp_names_what_is_in_the_way()
    {
        var porter = _world.Lab.Create(Image, _world.Server, arguments: ["porter"], environment: new Dictionary<string, string> { ["SERVE_SCTP_PORT_81"] = "foo" }).Start();
        await porter.Stderr.WaitForAsync("Started SCTP server");

        (await _world.RunAsync(Image, "/agnhost", "connect", "10.244.1.5:81", "--timeout=3s", "--protocol=sctp")).ShouldBe((0, "", ""));
        porter.Stderr.Text.ShouldContain("Sending response");
        (await _world.RunAsync(Image, "/agnhost", "connect", "10.244.1.5:81", "--timeout=3s")).ShouldBe((1, "", "REFUSED\n")); // a port for TCP is another
        (await _world.RunAsync(Image, "/agnhost", "connect", "10.244.1.5:99", "--timeout=3s", "--protocol=sctp")).ShouldBe((1, "", "OTHER: connection refused\n"));
        (await _world.RunAsync(Image, "/agnhost", "connect", "10.244.1.5", "--timeout=3s", "--protocol=sctp")).ShouldBe((1, "", "DNS: address 10.244.1.5: missing port in address\n"));
        (await _world.RunAsync(Image, "/agnhost", "connect", "10.244.1.5:81", "--protocol=sctp")).ShouldBe((1, "", "TIMEOUT\n"));
        var lost = _world.Lab.Create(Image, _world.Client, arguments: ["connect", "--timeout=7s", "--protocol=sctp", "10.244.9.9:81"]).Start();
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(7)); // no other wait has this length
        (await lost.Main!.Exit, lost.Stderr.Text).ShouldBe((1, "TIMEOUT\n"));
    }

    [Fact]
    public async Task Netexec_ends_when_it_is_asked_or_told()
    {
        var asked = await StartAsync("Started HTTP server", "netexec");
        (await CurlAsync("-s", "10.244.1.5:8080/exit?code=7&timeout=10s")).ShouldBe("");
        (await asked.Main!.Exit).ShouldBe(7);
        asked.Stderr.Text.ShouldEndWith(
            "Will begin shutdown in 0s, allowing 10s for connections to close, then will exit with 7\n2026/11/23 09:00:00 Graceful shutdown completed with: <nil>\n");

        var told = await StartAsync("Started HTTP server", "netexec", "--delay-shutdown", "5");
        told.Main!.Signal(15);
        await told.Stderr.WaitForAsync("Sleeping 5 seconds before terminating...");
        (await CurlAsync("-s", "-w", " %{http_code}", "10.244.1.5:8080/readyz")).ShouldBe("shutting down 503");
        (await CurlAsync("-s", "-w", "%{http_code}", "10.244.1.5:8080/healthz")).ShouldBe("200");
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(5));
        (await told.Main.Exit).ShouldBe(0);
    }

    [Fact]
    public async Task Netexec_can_be_made_to_answer_always_the_same()
    {
        await StartAsync("Started HTTP server", "netexec", "--http-override=/echo?msg=same");
        (await GetAsync("/hostname")).ShouldBe("same");
    }

    [Fact]
    public async Task Serve_hostname_speaks_http_tcp_and_udp()
    {
        await StartAsync("Serving on port 9376.", "serve-hostname");
        (await CurlAsync("-s", "10.244.1.5:9376")).ShouldBe("pod-1");
        await StartAsync("Serving on port 9000.", "serve-hostname", "--tcp", "--udp", "--http=false", "--port", "9000");
        (await _world.BusyBoxAsync("sh", "-c", "nc 10.244.1.5 9000 </dev/null")).Stdout.ShouldBe("pod-1");
        using var socket = _world.Client.BindUdp(new SocketAddress(IpAddress.AnyV4, 3000));
        socket.Send("x"u8.ToArray(), new SocketAddress(IpAddress.Parse(ProgramWorld.ServerAddress), 9000));
        Encoding.ASCII.GetString((await socket.ReceiveAsync()).Payload.Span).ShouldBe("pod-1");
    }

    [Fact]
    public async Task Port_forward_tester_takes_what_it_expects_and_sends_its_chunks()
    {
        var tester = await StartTesterAsync(expected: "abc");
        (await _world.BusyBoxAsync("sh", "-c", "printf abc | nc 10.244.1.5 80")).Stdout.ShouldBe("xxxxxxxxxx");
        await _world.Clock.PassAsync(TimeSpan.FromMilliseconds(500), tester.Main!.Exit);
        (await tester.Main.Exit).ShouldBe(0);
        tester.Stdout.Text.ShouldBe("Accepted client connection\nReceived expected client data\nShutting down connection\nDone\n");
    }

    [Theory]
    [InlineData("abc", "", 2, "Expected to read 3 bytes from client, but got 0 instead. err=EOF\n")]
    [InlineData("abc", "abd", 3, "Expect to read \"abc\", but got \"abd\". err=<nil>\n")]
    public async Task Port_forward_tester_ends_with_what_it_finds_wrong(string expected, string sent, int exitCode, string said)
    {
        var tester = await StartTesterAsync(expected);
        await _world.BusyBoxAsync("sh", "-c", $"printf '{sent}' | nc 10.244.1.5 80");
        (await tester.Main!.Exit).ShouldBe(exitCode);
        tester.Stdout.Text.ShouldBe("Accepted client connection\n" + said);
    }

    [Fact]
    public async Task Porter_serves_what_its_environment_says()
    {
        var porter = _world.Lab.Create(
            Image, _world.Server, arguments: ["porter", "--json-response"],
            environment: new Dictionary<string, string> { ["SERVE_PORT_80"] = "foo", ["SERVE_UDP_PORT_81"] = "bar", ["SERVE_PORT_x"] = "no" }).Start();
        await porter.Stderr.WaitForAsync("Started UDP server on port 81");

        (await CurlAsync("-s", "-X", "PUT", "10.244.1.5/any")).ShouldBe("""{"Method":"PUT","Body":"foo"}""");
        porter.Main!.Signal(15);
        (await porter.Main.Exit).ShouldBe(2);
    }

    [Theory]
    [InlineData("plain", "text/plain; charset=utf-8")]
    [InlineData("<a href='/x'>", "text/html; charset=utf-8")]
    [InlineData("\n <!doctype html><p>", "text/html; charset=utf-8")]
    [InlineData("<abbr>", "text/plain; charset=utf-8")]
    [InlineData("<p", "text/plain; charset=utf-8")]
    [InlineData("<?xml version='1.0'?>", "text/xml; charset=utf-8")]
    public async Task Answers_without_a_type_have_the_one_that_Go_sees_in_them(string text, string type)
    {
        var porter = _world.Lab.Create(Image, _world.Server, arguments: ["porter"], environment: new Dictionary<string, string> { ["SERVE_PORT_80"] = text }).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Any(socket => socket.Local.Port == 80), "porter listens");

        (await CurlAsync("-s", "-o", "/dev/null", "-w", "%{content_type}", "10.244.1.5/")).ShouldBe(type);
        porter.Main!.Signal(15);
        (await porter.Main.Exit).ShouldBe(2);
    }

    [Fact]
    public async Task Porter_serves_https_with_the_images_own_certificate()
    {
        var porter = _world.Lab.Create(Image, _world.Server, arguments: ["porter"], environment: new Dictionary<string, string> { ["SERVE_TLS_PORT_443"] = "secret", ["SERVE_TLS_PORT_444"] = "other" }).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Count(socket => socket.Local.Port is 443 or 444) == 2, "porter listens");

        (await CurlAsync("-sk", "https://10.244.1.5/")).ShouldBe("secret");
        (await CurlAsync("-sk", "https://10.244.1.5:444/", "https://10.244.1.5:444/again")).ShouldBe("otherother");
        (await _world.RunAsync("curlimages/curl", "curl", "-sS", "https://10.244.1.5/")).ExitCode.ShouldBe(60);
        (await _world.RunAsync("curlimages/curl", "curl", "-s", "http://10.244.1.5:443/")).ExitCode.ShouldBeOneOf(52, 56, 1);
        (await CurlAsync("-sk", "https://10.244.1.5/")).ShouldBe("secret");
        (await _world.BusyBoxAsync("wget", "-qO-", "--no-check-certificate", "https://10.244.1.5/")).Stdout.ShouldBe("secret");
        porter.Stderr.Text.ShouldContain("http: TLS handshake error from 10.244.2.7:");
        porter.Main!.Signal(15);
        (await porter.Main.Exit).ShouldBe(2);
    }

    [Fact]
    public async Task Https_servers_take_other_certificates_and_say_what_is_wrong_with_them()
    {
        var files = new Dictionary<string, string> { ["/tls/bad.crt"] = "no certificate", ["/tls/bad.key"] = "no key" };
        var porter = _world.Lab.Create(
            Image, _world.Server, arguments: ["porter"], files: files,
            environment: new Dictionary<string, string> { ["SERVE_TLS_PORT_443"] = "x", ["CERT_FILE"] = "/tls/bad.crt", ["KEY_FILE"] = "/tls/none" }).Start();
        await porter.Stderr.WaitForAsync("tls server on port \"443\" with certFile=\"/tls/bad.crt\", keyFile=\"/tls/none\" failed: open /tls/none: no such file or directory\n");

        (await _world.Lab.Create(Image, _world.Client, arguments: ["netexec", "--tls-cert-file=/tls/bad.crt", "--tls-private-key-file=/tls/bad.key", "--udp-port=-1"], files: files).RunAsync())
            .ShouldBe((1, "", "2026/11/23 09:00:00 tls: failed to find any PEM data in certificate input\n"));
        await StartAsync("Started HTTPS server on port 8443", "netexec", "--http-port=8443", "--udp-port=-1", "--tls-cert-file=/localhost.crt", "--tls-private-key-file=/localhost.key");
        (await CurlAsync("-sk", "https://10.244.1.5:8443/hostname")).ShouldBe("pod-1");
    }

    [Fact]
    public async Task The_image_has_coredns_for_name_servers_of_ones_own()
    {
        var dns = _world.Lab.Create(
            Image, _world.Dns, command: ["/coredns", "-conf", "/etc/coredns/Corefile"],
            files: new Dictionary<string, string> { ["/etc/coredns/Corefile"] = ". {\n\thosts {\n\t\t1.2.3.4 notexist.resolv.conf.local\n\t}\n\tlog\n}\n" }).Start();
        await dns.Stdout.WaitForAsync("CoreDNS-");

        (await _world.RunAsync(Image, "dig", "+short", "notexist.resolv.conf.local")).ShouldBe((0, "1.2.3.4\n", ""));
    }

    [Fact]
    public async Task Connect_names_what_is_in_the_way()
    {
        await StartAsync("Started UDP server", "netexec");
        await using var dns = await _world.StartDnsAsync();

        (await _world.RunAsync(Image, "/agnhost", "connect", "10.244.1.5:8080")).ShouldBe((0, "", ""));
        (await _world.RunAsync(Image, "/agnhost", "connect", "10.244.1.5:99")).ShouldBe((1, "", "REFUSED\n"));
        (await _world.RunAsync(Image, "/agnhost", "connect", "nowhere:80")).ShouldBe((1, "", "DNS: lookup nowhere on 10.96.0.10:53: no such host\n"));
        (await _world.RunAsync(Image, "/agnhost", "connect", "nowhere")).ShouldBe((1, "", "UNKNOWN: address nowhere: missing port in address\n"));
        (await _world.RunAsync(Image, "/agnhost", "connect", "--protocol=udp", "10.244.1.5:8081")).ShouldBe((0, "", ""));
        (await _world.RunAsync(Image, "/agnhost", "connect", "--protocol=udp", "10.244.1.5:99")).Stderr.ShouldStartWith("REFUSED: read udp 10.244.2.7:");
        var lost = _world.Lab.Create(Image, _world.Client, arguments: ["connect", "--timeout=3s", "10.244.9.9:80"]).Start();
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(3));
        (await lost.Main!.Exit).ShouldBe(1);
        lost.Stderr.Text.ShouldBe("TIMEOUT\n");
    }

    [Fact]
    public async Task Pause_is_what_it_does_unless_told_otherwise()
    {
        var pause = _world.Lab.Create(Image, _world.Client).Start();
        await pause.Stdout.WaitForAsync("Signals registered\n");
        pause.Main!.Signal(15);

        (await pause.Main.Exit).ShouldBe(2);
        pause.Stdout.Text.ShouldBe("Paused\nSignals registered\nexiting because of signal \"terminated\"\n");
        pause.Read("/dev/termination-log").ShouldBe("exiting because of signal \"terminated\"\n");
    }

    [Fact]
    public async Task Liveness_is_well_for_ten_seconds()
    {
        var server = _world.Lab.Create(Image, _world.Server, arguments: ["liveness"]).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Count > 0, "liveness listens");
        (await GetAsync("/healthz")).ShouldBe("ok");
        _world.Clock.Advance(TimeSpan.FromSeconds(11));
        (await CurlAsync("-s", "-w", " %{http_code}", "10.244.1.5:8080/healthz")).ShouldBe("error: 11 500");
        (await GetAsync("/started")).ShouldBe("11s");
        server.Main!.Signal(15);
        (await server.Main.Exit).ShouldBe(2);
    }

    [Fact]
    public async Task Small_commands_print_what_a_pod_was_given()
    {
        (await _world.RunAsync(Image, "/agnhost-2", "entrypoint-tester", "-a", "b")).Stdout.ShouldBe("[/agnhost-2 entrypoint-tester -a b]\n");
        (await _world.RunAsync(Image, "/agnhost", "dns-suffix")).Stdout.ShouldBe("default.svc.cluster.local,svc.cluster.local,cluster.local\n");
        (await _world.RunAsync(Image, "/agnhost", "dns-server-list")).Stdout.ShouldBe("10.96.0.10\n");
        (await _world.RunAsync(Image, "/agnhost", "etc-hosts")).Stdout.ShouldStartWith("127.0.0.1\tlocalhost\n");
        (await _world.RunAsync(Image, "/agnhost", "nonsense")).ShouldBe((1, "", "Error: unknown command \"nonsense\" for \"app\"\nRun 'app --help' for usage.\n"));
        (await _world.RunAsync(Image, "/agnhost", "netexec", "--http-port=x")).Stderr.ShouldStartWith("Error: invalid argument \"x\" for \"--http-port\" flag: ");
        (await _world.RunAsync(Image, "/agnhost", "netexec", "--what")).Stderr.ShouldStartWith("Error: unknown flag: --what\nUsage:\n  app netexec [flags]\n");
    }

    [Fact]
    public async Task Logs_come_evenly_over_the_time()
    {
        var logs = _world.Lab.Create(Image, _world.Client, arguments: ["logs-generator", "-t", "2", "--run-duration", "6s"]).Start();
        await logs.Stderr.WaitForAsync("] 0 ");
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(3));
        await logs.Stderr.WaitForAsync("] 1 ");
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(3));

        (await logs.Main!.Exit).ShouldBe(0);
        logs.Stderr.Text.ShouldMatch("^I1123 09:00:00\\.000000       1 logs_generator\\.go:76\\] 0 (GET|POST|PUT) /api/v1/namespaces/[a-z-]+/pods/[a-z0-9]+ [2-5][0-9][0-9]\nI1123 09:00:03\\.000000 ");
    }

    [Fact]
    public async Task The_test_webserver_serves_every_file()
    {
        var server = _world.Lab.Create(Image, _world.Server, arguments: ["test-webserver", "--port=8080"]).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Count > 0, "test-webserver listens");
        server.Write("/x.html", "<p>");

        (await GetAsync("/x.html")).ShouldBe("<p>");
        (await GetAsync("/etc/")).ShouldContain("<a href=\"hosts\">hosts</a>\n");
        (await CurlAsync("-s", "-w", "%{http_code}", "10.244.1.5:8080/none")).ShouldBe("404 page not found\n404");
        (await CurlAsync("-sI", "10.244.1.5:8080/x.html")).ShouldContain("\r\nAccess-Control-Allow-Origin: *\r\n");
    }

    [Theory]
    [InlineData("0s", "0")]
    [InlineData("1m30s", "90s")]
    [InlineData("1.5s", "1500ms")]
    [InlineData("2h45m0s", "2h45m")]
    [InlineData("250ms", "0.25s")]
    public void Durations_are_read_and_written_as_Go_does(string written, string read)
    {
        GoDuration.TryParse(read, out var duration).ShouldBeTrue();
        GoDuration.Format(duration).ShouldBe(written);
    }

    [Theory]
    [InlineData("", "time: invalid duration \"\"")]
    [InlineData("soon", "time: invalid duration \"soon\"")]
    [InlineData("1m5", "time: missing unit in duration \"1m5\"")]
    [InlineData("5 s", "time: unknown unit \" s\" in duration \"5 s\"")]
    [InlineData("1mx", "time: unknown unit \"mx\" in duration \"1mx\"")]
    public void Durations_that_cannot_be_read_are_refused_in_Gos_words(string text, string words) =>
        Should.Throw<FormatException>(() => GoDuration.Parse(text)).Message.ShouldBe(words);

    private async Task<TestContainer> StartAsync(string until, params string[] arguments)
    {
        var server = _world.Lab.Create(Image, _world.Server, arguments: arguments).Start();
        await server.Stderr.WaitForAsync(until);
        if (until.Contains("UDP", StringComparison.Ordinal) || until.Contains("SCTP", StringComparison.Ordinal)) await server.Stderr.WaitForAsync("Started HTTP server");
        return server;
    }

    private async Task<TestContainer> StartTesterAsync(string expected)
    {
        var tester = _world.Lab.Create(
            Image, _world.Server, arguments: ["port-forward-tester"],
            environment: new Dictionary<string, string>
            {
                ["BIND_ADDRESS"] = "0.0.0.0", ["BIND_PORT"] = "80", ["EXPECTED_CLIENT_DATA"] = expected, ["CHUNKS"] = "1", ["CHUNK_SIZE"] = "10", ["CHUNK_INTERVAL"] = "100",
            }).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Any(socket => socket.Local.Port == 80), "the tester listens");
        return tester;
    }

    private Task<string> GetAsync(string path) => CurlAsync("-s", $"10.244.1.5:8080{path}");

    private async Task<string> CurlAsync(params string[] arguments) => (await _world.RunAsync("curlimages/curl", ["curl", .. arguments])).Stdout;
}
