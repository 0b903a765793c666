using System.Text;
using ActorCluster.Containers.Tests.Programs;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Tests.Tools.Networking;

public sealed class NetworkToolTests : IAsyncLifetime
{
    private readonly ProgramWorld _world = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Lookups_print_what_the_clusters_dns_says()
    {
        await using var dns = await _world.StartDnsAsync();

        (await _world.BusyBoxAsync("nslookup", "kubernetes.default")).ShouldBe(
            (0, "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1\n\n\n", ""));
        (await _world.BusyBoxAsync("nslookup", "web")).Stdout.ShouldBe(
            "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.7.7\n\nName:\tweb.default.svc.cluster.local\nAddress: fd00:96::7\n\n");
        (await _world.BusyBoxAsync("nslookup", "10.96.0.1", "10.96.0.10")).Stdout.ShouldEndWith("1.0.96.10.in-addr.arpa\tname = kubernetes.default.svc.cluster.local\n\n");
        (await _world.BusyBoxAsync("nslookup", "-type=srv", "_http._tcp.web.default.svc.cluster.local")).Stdout.ShouldEndWith(
            "_http._tcp.web.default.svc.cluster.local\tservice = 0 50 80 web.default.svc.cluster.local\n\n");
        (await _world.BusyBoxAsync("nslookup", "-type=cname", "search.shop")).Stdout.ShouldEndWith("search.shop.svc.cluster.local\tcanonical name = example.com\n\n");
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_said_for_both_families()
    {
        await using var dns = await _world.StartDnsAsync();

        (await _world.BusyBoxAsync("nslookup", "nope.default")).ShouldBe(
            (1, "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find nope.default: NXDOMAIN\n\n** server can't find nope.default: NXDOMAIN\n\n", ""));
        (await _world.BusyBoxAsync("nslookup", "-type=nonsense", "web")).Stderr.ShouldBe("nslookup: invalid query type \"nonsense\"\n");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_no_server()
    {
        // Nothing listens on the port: ICMP says so at once.
        (await _world.BusyBoxAsync("nslookup", "web", "10.244.1.5")).ShouldBe((1, ";; connection timed out; no servers could be reached\n\n", ""));
    }

    [Fact]
    public async Task Pings_are_answered_counted_and_averaged()
    {
        var ping = _world.Lab.Create("busybox", _world.Client, command: ["ping", "-c", "2", "10.244.1.5"]).Start();
        await ping.Stdout.WaitForAsync("seq=0");
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(1));

        (await ping.Main!.Exit).ShouldBe(0);
        ping.Stdout.Text.ShouldBe(
            "PING 10.244.1.5 (10.244.1.5): 56 data bytes\n64 bytes from 10.244.1.5: seq=0 ttl=64 time=0.000 ms\n64 bytes from 10.244.1.5: seq=1 ttl=64 time=0.000 ms\n" +
            "\n--- 10.244.1.5 ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\nround-trip min/avg/max = 0.000/0.000/0.000 ms\n");
    }

    [Fact]
    public async Task A_ping_without_an_answer_is_a_loss()
    {
        var ping = _world.Lab.Create("busybox", _world.Client, command: ["ping", "-c", "1", "-W", "3", "10.244.9.9"]).Start();
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(3));

        (await ping.Main!.Exit).ShouldBe(1);
        ping.Stdout.Text.ShouldBe("PING 10.244.9.9 (10.244.9.9): 56 data bytes\n\n--- 10.244.9.9 ping statistics ---\n1 packets transmitted, 0 packets received, 100% packet loss\n");
        (await _world.BusyBoxAsync("ping6", "-c", "1", "fd00::9")).ShouldBe((1, "PING fd00::9 (fd00::9): 56 data bytes\n", "ping6: sendto: Network is unreachable\n"));
    }

    [Fact]
    public async Task An_interrupt_ends_pinging_with_the_statistics()
    {
        var ping = _world.Lab.Create("busybox", _world.Client, command: ["ping", "10.244.1.5"]).Start();
        await ping.Stdout.WaitForAsync("seq=0");
        ping.Main!.Signal(2);

        (await ping.Main!.Exit).ShouldBe(0);
        ping.Stdout.Text.ShouldEndWith("\n--- 10.244.1.5 ping statistics ---\n1 packets transmitted, 1 packets received, 0% packet loss\nround-trip min/avg/max = 0.000/0.000/0.000 ms\n");
        (await _world.BusyBoxAsync("ping", "-q", "-c", "1", "10.244.1.5")).Stdout.ShouldNotContain("seq=");
    }

    [Fact]
    public async Task Netcat_carries_lines_both_ways()
    {
        var server = _world.Lab.Create("busybox", _world.Server, command: ["sh", "-c", "echo pong > /tmp/pong; nc -v -l -p 4000 < /tmp/pong"]).Start();
        await server.Stderr.WaitForAsync("listening on [::]:4000 ...\n");

        (await _world.BusyBoxAsync("sh", "-c", "echo ping | nc 10.244.1.5 4000")).ShouldBe((0, "pong\n", ""));
        (await server.Main!.Exit).ShouldBe(0);
        server.Stdout.Text.ShouldBe("ping\n");
        server.Stderr.Text.ShouldContain("connect to 10.244.1.5:4000 from 10.244.2.7 (10.244.2.7:");
    }

    [Fact]
    public async Task Netcat_runs_a_program_for_each_connection()
    {
        var server = _world.Lab.Create("busybox", _world.Server, command: ["nc", "-v", "-lk", "-p", "4000", "-e", "tr", "a-z", "A-Z"]).Start();
        await server.Stderr.WaitForAsync("listening");

        (await _world.BusyBoxAsync("sh", "-c", "echo one | nc 10.244.1.5 4000; echo two | nc 10.244.1.5 4000")).Stdout.ShouldBe("ONE\nTWO\n");
    }

    [Fact]
    public async Task Netcat_scans_ports()
    {
        await using var listener = _world.Server.ListenTcp(new SocketAddress(IpAddress.AnyV4, 80));

        (await _world.BusyBoxAsync("nc", "-zv", "10.244.1.5", "80")).ShouldBe((0, "", "10.244.1.5 (10.244.1.5:80) open\n"));
        (await _world.BusyBoxAsync("nc", "-zv", "10.244.1.5", "81")).ShouldBe((1, "", ""));
        (await _world.BusyBoxAsync("nc", "-zvv", "10.244.1.5", "81")).ShouldBe((1, "", "nc: 10.244.1.5 (10.244.1.5:81): Connection refused\nsent 0, rcvd 0\n"));
        (await _world.BusyBoxAsync("nc", "-zvvu", "10.244.1.5", "81")).ExitCode.ShouldBe(1);
        var lost = _world.Lab.Create("busybox", _world.Client, command: ["nc", "-zv", "-w", "3", "10.244.9.9", "80"]).Start();
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(3));
        (await lost.Main!.Exit).ShouldBe(1);
        lost.Stderr.Text.ShouldBe("nc: 10.244.9.9 (10.244.9.9:80): Connection timed out\n");
    }

    [Fact]
    public async Task Netcat_speaks_udp_and_gives_up_on_silence()
    {
        using var socket = _world.Server.BindUdp(new SocketAddress(IpAddress.AnyV4, 5000));
        var client = _world.Lab.Create("busybox", _world.Client, command: ["sh", "-c", "echo hello | nc -u -w 1 10.244.1.5 5000"]).Start();
        var question = await socket.ReceiveAsync();
        Encoding.ASCII.GetString(question.Payload.Span).ShouldBe("hello\n");
        socket.Send("there\n"u8.ToArray(), question.Remote);
        await client.Stdout.WaitForAsync("there\n");
        while (!client.Main!.Exit.IsCompleted) await _world.Clock.PassAsync(TimeSpan.FromSeconds(1), orUntil: client.Main.Exit);

        (await client.Main!.Exit).ShouldBe(0);
    }

    [Fact]
    public async Task Httpd_serves_a_folder_until_it_is_stopped()
    {
        var server = _world.Lab.Create("busybox", _world.Server, command: ["sh", "-c", "mkdir -p /www/sub; echo hi >/www/index.html; echo {} >/www/sub/x.json; echo go; exec httpd -f -v -p 8080 -h /www"]).Start();
        await server.Stdout.WaitForAsync("go\n");
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Count > 0, "httpd listens");

        (await _world.BusyBoxAsync("wget", "-qO-", "10.244.1.5:8080")).ShouldBe((0, "hi\n", ""));
        (await _world.BusyBoxAsync("wget", "-qS", "-O-", "10.244.1.5:8080/sub/x.json")).Stderr.ShouldContain("  Content-Type: application/json\n");
        (await _world.BusyBoxAsync("wget", "-q", "10.244.1.5:8080/sub")).Stderr.ShouldBe("wget: server returned error: HTTP/1.1 404 Not Found\n");
        server.Stderr.Text.ShouldContain(": response:302\n");
        server.Main!.Signal(15);
        (await server.Main.Exit).ShouldBe(143);
    }

    [Fact]
    public async Task Without_f_httpd_goes_to_the_background()
    {
        const string script = "echo hi >/tmp/index.html; httpd -h /tmp && wget -qO- localhost && netstat -ltn";
        (await _world.BusyBoxAsync("sh", "-c", script)).ShouldBe((
            0,
            "hi\nActive Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n" +
            "tcp        0      0 :::80                   :::*                    LISTEN      \n", ""));
    }

    [Fact]
    public async Task Netstat_lists_sctp_apart_from_the_others()
    {
        _world.Client.ListenSctp(new SocketAddress(IpAddress.AnyV4, 5060));
        _world.Client.ListenTcp(new SocketAddress(IpAddress.AnyV4, 5060));
        const string sctp = "sctp       0      0 0.0.0.0:5060            0.0.0.0:*               LISTEN      \n";
        (await _world.BusyBoxAsync("netstat", "-lnS")).Stdout.ShouldEndWith($"State       \n{sctp}");
        (await _world.BusyBoxAsync("netstat", "-lnt")).Stdout.ShouldNotContain("sctp");
        (await _world.BusyBoxAsync("netstat", "-lnu")).Stdout.ShouldNotContain("sctp");
        (await _world.BusyBoxAsync("netstat", "-ln")).Stdout.ShouldContain(sctp);
    }

    [Fact]
    public async Task Interfaces_and_routes_are_the_pods()
    {
        (await _world.BusyBoxAsync("hostname", "-i")).Stdout.ShouldBe("10.244.2.7\n");
        (await _world.BusyBoxAsync("ip", "addr", "show", "eth0")).Stdout.ShouldBe(
            "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 65535 qdisc noqueue \n    link/ether 0a:58:0a:f4:02:07 brd ff:ff:ff:ff:ff:ff\n" +
            "    inet 10.244.2.7/24 brd 10.244.2.255 scope global eth0\n       valid_lft forever preferred_lft forever\n");
        (await _world.BusyBoxAsync("ip", "-4", "-o", "a")).Stdout.ShouldBe(
            "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n" +
            "2: eth0    inet 10.244.2.7/24 brd 10.244.2.255 scope global eth0\\       valid_lft forever preferred_lft forever\n");
        (await _world.BusyBoxAsync("ip", "route")).Stdout.ShouldBe("default via 10.244.2.1 dev eth0 \n10.244.2.0/24 dev eth0 scope link  src 10.244.2.7 \n");
        (await _world.BusyBoxAsync("ifconfig", "eth0")).Stdout.ShouldContain("inet addr:10.244.2.7  Bcast:10.244.2.255  Mask:255.255.255.0\n");
        (await _world.BusyBoxAsync("route", "-n")).Stdout.ShouldContain("0.0.0.0         10.244.2.1      0.0.0.0         UG    0      0        0 eth0\n");
        (await _world.BusyBoxAsync("ip", "link", "set", "eth0", "down")).ShouldBe((2, "", "ip: RTNETLINK answers: Operation not permitted\n"));
    }
}
