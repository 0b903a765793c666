using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorCluster.Api;
using ActorCluster.ApiServer.Spdy;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Tests.Streams;

public class SpdyStreamSpecs
{
    private const string Pod = "/api/v1/namespaces/default/pods/one/";
    private const string Command = "v4.channel.k8s.io";
    private const string Forward = "portforward.k8s.io";

    [Fact]
    public async Task Exec_carries_output_and_success()
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using var client = await SpdyClient.UpgradeAsync(server, Pod + "exec?command=echo&command=hello&stdout=true&stderr=true", Command);
        var error = await client.OpenAsync(("streamType", "error"));
        var stdout = await client.OpenAsync(("streamType", "stdout"));
        var stderr = await client.OpenAsync(("streamType", "stderr"));

        var texts = await client.ReadToEndAsync(error, stdout, stderr);

        texts[stdout].ShouldBe("hello\n");
        texts[stderr].ShouldBe("");
        texts[error].ShouldBe("""{"metadata":{},"status":"Success"}""");
    }

    [Fact]
    public async Task Exec_tells_the_exit_code()
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using var client = await SpdyClient.UpgradeAsync(server, Pod + "exec?command=fail&command=42&stdout=true&stderr=true", Command);
        var error = await client.OpenAsync(("streamType", "error"));
        var stdout = await client.OpenAsync(("streamType", "stdout"));
        var stderr = await client.OpenAsync(("streamType", "stderr"));

        var texts = await client.ReadToEndAsync(error, stdout, stderr);

        texts[stderr].ShouldBe("no\n");
        texts[error].ShouldContain("NonZeroExitCode");
    }

    [Fact]
    public async Task Input_reaches_the_command_until_it_is_closed()
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using var client = await SpdyClient.UpgradeAsync(server, Pod + "exec?command=cat&stdin=true&stdout=true", Command);
        var error = await client.OpenAsync(("streamType", "error"));
        var stdin = await client.OpenAsync(("streamType", "stdin"));
        var stdout = await client.OpenAsync(("streamType", "stdout"));
        await client.SendAsync(stdin, "in ");
        await client.SendAsync(stdin, "and out", fin: true);

        (await client.ReadToEndAsync(error, stdout))[stdout].ShouldBe("in and out");
    }

    [Fact]
    public async Task The_size_of_the_terminal_reaches_the_command()
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using var client = await SpdyClient.UpgradeAsync(server, Pod + "exec?command=size&stdin=true&stdout=true&tty=true", Command);
        var error = await client.OpenAsync(("streamType", "error"));
        await client.OpenAsync(("streamType", "stdin"));
        var stdout = await client.OpenAsync(("streamType", "stdout"));
        var resize = await client.OpenAsync(("streamType", "resize"));
        await client.SendAsync(resize, """{"Width":120,"Hei""");
        await client.SendAsync(resize, "ght\":40}\n");

        (await client.ReadToEndAsync(error, stdout))[stdout].ShouldBe("120x40\n");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Forwarded_connections_carry_bytes_both_ways_side_by_side(bool tunnel)
    {
        await using var farEnd = await FarEnd.StartAsync();
        var streams = new ScriptedStreams { Connect = farEnd.ConnectAsync };
        await using var server = await WithPodAsync(streams);
        await using var client = tunnel ? await SpdyClient.TunnelAsync(server, Pod + "portforward", Forward) : await SpdyClient.UpgradeAsync(server, Pod + "portforward", Forward);
        var ids = new List<(uint Error, uint Data)>();
        for (var i = 0; i < 3; i++)
        {
            var error = await client.OpenAsync(("streamType", "error"), ("port", "8080"), ("requestID", $"{i}"));
            ids.Add((error, await client.OpenAsync(("streamType", "data"), ("port", "8080"), ("requestID", $"{i}"))));
        }
        for (var i = 0; i < 3; i++) await client.SendAsync(ids[i].Data, $"GET /page{i} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        var texts = await client.ReadToEndAsync([.. ids.SelectMany(i => (uint[])[i.Error, i.Data])]);

        for (var i = 0; i < 3; i++)
        {
            texts[ids[i].Data].ShouldContain($"GET /page{i}\n");
            texts[ids[i].Error].ShouldBe("");
        }
        streams.Opened.Select(o => o.Request).OfType<PortForwardRequest>().Select(r => r.Port).ShouldBe([8080, 8080, 8080]);
    }

    [Fact]
    public async Task A_refused_connection_is_told_on_its_error_stream_and_the_others_go_on()
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using var client = await SpdyClient.UpgradeAsync(server, Pod + "portforward", Forward);
        for (var i = 0; i < 2; i++)
        {
            var error = await client.OpenAsync(("streamType", "error"), ("port", "81"));
            var data = await client.OpenAsync(("streamType", "data"), ("port", "81"));

            var texts = await client.ReadToEndAsync(error, data);

            texts[error].ShouldStartWith("error forwarding port 81 to pod one, uid ");
            texts[data].ShouldBe("[reset]");
        }
    }

    [Theory]
    [InlineData("streamType", "data", "port", "0")]
    [InlineData("streamType", "data", "port", "x")]
    [InlineData("streamType", "sideways", "port", "80")]
    [InlineData("port", "80", "a", "b")]
    public async Task A_stream_that_belongs_to_no_connection_is_reset(string name1, string value1, string name2, string value2)
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using var client = await SpdyClient.UpgradeAsync(server, Pod + "portforward", Forward);
        var id = await client.OpenAsync((name1, value1), (name2, value2));
        (await client.ReadToEndAsync(id))[id].ShouldBe("[reset]");
    }

    [Fact]
    public async Task Garbage_ends_the_connection_and_nothing_else()
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using (var client = await SpdyClient.UpgradeAsync(server, Pod + "portforward", Forward))
        {
            await client.SendRawAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n padded so that it is longer than a frame's head"));
            (await client.ReadAsync(CancellationToken.None)).ShouldBeOfType<SpdyFrame.GoAway>().Status.ShouldBe(1u);
            (await client.ReadAsync(CancellationToken.None)).ShouldBeNull();
        }
        (await server.Client.GetStringAsync("/version")).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_ends_what_it_had_forwarded(bool tunnel)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var server = await WithPodAsync(new ScriptedStreams
        {
            Connect = async () =>
            {
                var tcp = new TcpClient();
                await tcp.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
                return tcp.GetStream();
            },
        });
        var client = tunnel ? await SpdyClient.TunnelAsync(server, Pod + "portforward", Forward) : await SpdyClient.UpgradeAsync(server, Pod + "portforward", Forward);
        await client.OpenAsync(("streamType", "error"), ("port", "80"));
        var data = await client.OpenAsync(("streamType", "data"), ("port", "80"));
        await client.SendAsync(data, "x");
        using var farEnd = await listener.AcceptTcpClientAsync();
        await using var there = farEnd.GetStream();
        var buffer = new byte[1];
        (await there.ReadAsync(buffer)).ShouldBe(1);

        await client.DisposeAsync();

        (await there.ReadAsync(buffer)).ShouldBe(0);
    }

    [Fact]
    public async Task A_ping_is_answered()
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        await using var client = await SpdyClient.UpgradeAsync(server, Pod + "portforward", Forward);
        await client.SendAsync(new SpdyFrame.Ping(5));
        (await client.ReadAsync(CancellationToken.None)).ShouldBe(new SpdyFrame.Ping(5));
    }

    [Theory]
    [InlineData("one/portforward", "Upgrade request required")]
    [InlineData("unscheduled/portforward", "pod unscheduled does not have a host assigned")]
    public async Task Without_an_upgrade_there_is_no_forwarding(string path, string message)
    {
        await using var server = await WithPodAsync(new ScriptedStreams());
        using var response = await server.Client.PostAsync("/api/v1/namespaces/default/pods/" + path, null);
        ((int)response.StatusCode).ShouldBe(400);
        (await response.Content.ReadAsStringAsync()).ShouldContain(message);
    }

    internal static async Task<TestServer> WithPodAsync(ScriptedStreams streams)
    {
        var server = await TestServer.StartAsync(streams);
        await server.Api.CreatedAsync("pods", Manifests.Pod("one"));
        await server.Api.CreatedAsync("pods", Manifests.Pod("unscheduled"));
        TestApi.Good(await server.Api.SendAsync(new ApiRequest(ApiVerb.Create, new ResourceName("", "pods"), "default", "one", "binding", Body: Encoding.UTF8.GetBytes("""{"target":{"name":"n1"}}"""))));
        return server;
    }
}
