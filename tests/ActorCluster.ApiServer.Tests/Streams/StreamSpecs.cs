using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Tests.Streams;

public class StreamSpecs
{
    private const string Pods = "/api/v1/namespaces/default/pods/";

    internal static async Task<TestServer> WithPodsAsync(ScriptedStreams? streams = null)
    {
        var server = await TestServer.StartAsync(streams);
        await server.Api.CreatedAsync("pods", Manifests.Pod("one"));
        await server.Api.CreatedAsync("pods", """
            {apiVersion: v1, kind: Pod, metadata: {name: two}, spec: {containers: [{name: a, image: x}, {name: waiting, image: x}]}}
            """);
        await server.Api.CreatedAsync("pods", Manifests.Pod("unscheduled"));
        foreach (var pod in (string[])["one", "two"])
        {
            TestApi.Good(await server.Api.SendAsync(new ApiRequest(ApiVerb.Create, new ResourceName("", "pods"), "default", pod, "binding",
                Body: Encoding.UTF8.GetBytes("""{"target":{"name":"n1"}}"""))));
        }
        return server;
    }

    [Theory]
    [InlineData("one/log", 200, "line 1\nline 2\nline 3\nline 4\nline 5\n")]
    [InlineData("one/log?tailLines=2", 200, "line 4\nline 5\n")]
    [InlineData("two/log?container=a&tailLines=1", 200, "line 5\n")]
    [InlineData("unscheduled/log", 200, "")]
    [InlineData("two/log", 400, "a container name must be specified for pod two, choose one of: [a waiting]")]
    [InlineData("two/log?container=c", 400, "container c is not valid for pod two")]
    [InlineData("two/log?container=waiting", 400, "container \"waiting\" in pod \"two\" is waiting to start: ContainerCreating")]
    [InlineData("one/log?tailLines=-1", 422, "PodLogOptions \"one\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("none/log", 404, "pods \"none\" not found")]
    [InlineData("one/exec?stdout=true", 400, "you must specify at least one command for the container")]
    [InlineData("one/exec?command=ls", 400, "you must specify at least 1 of stdin, stdout, stderr")]
    [InlineData("one/exec?command=ls&stdout=true", 400, "Upgrade request required")]
    [InlineData("unscheduled/exec?command=ls&stdout=true", 400, "pod unscheduled does not have a host assigned")]
    public async Task Streams_are_served_or_refused_as_upstream_does(string path, int code, string expected)
    {
        await using var server = await WithPodsAsync();

        using var response = await server.Client.GetAsync(Pods + path);

        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(code, body);
        (code == 200 ? body : ((JsonObject)JsonNode.Parse(body)!).GetString("message")).ShouldBe(expected);
    }

    [Fact]
    public async Task Questions_to_a_nodes_network_reach_it()
    {
        var streams = new ScriptedStreams();
        await using var server = await WithPodsAsync(streams);
        (await server.Client.GetAsync("/actorcluster/nodes/n7/trace?protocol=tcp&source=10.0.0.1&sourcePort=0&destination=10.0.0.2&port=80&timeToLive=64&first=true")).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        (await server.Client.GetAsync("/actorcluster/nodes/n8/capture?pod=a/b&pod=c/d")).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        streams.Opened[0].ShouldBe(("n7", new TraceRequest("tcp", "10.0.0.1", 0, "10.0.0.2", 80, 64, true)));
        streams.Opened[1].Node.ShouldBe("n8");
        ((CaptureRequest)streams.Opened[1].Request).Pods.ShouldBe(["a/b", "c/d"]);
        (await server.Client.GetAsync("/actorcluster/nodes/n9/lookup?namespace=a&pod=b&uid=c&name=web")).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        streams.Opened[2].ShouldBe(("n9", new LookupRequest("a", "b", "c", "web")));
        (await server.Client.GetAsync("/actorcluster/nodes/n7/trace?protocol=tcp")).StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await server.Client.GetAsync("/actorcluster/nodes/n7/reboot")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_options_of_a_log_reach_the_node()
    {
        var streams = new ScriptedStreams();
        await using var server = await WithPodsAsync(streams);
        var uid = (await server.Api.ReadAsync("pods", "one")).TextAt("metadata", "uid")!;

        await server.Client.GetStringAsync(Pods + "one/log?follow=true&previous=true&timestamps=true&tailLines=3&sinceTime=2026-01-01T00:00:00Z&limitBytes=99");

        streams.Opened.Single().ShouldBe(("n1", new LogRequest(
            "default", "one", uid, "main", true, true, true, 3, null, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 99)));
    }

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    public async Task Exec_carries_output_and_success(string protocol)
    {
        await using var server = await WithPodsAsync();

        var (negotiated, frames) = await ExecAsync(server, "command=echo&command=hello&command=you&stdout=true&stderr=true", protocol);

        negotiated.ShouldBe(protocol);
        frames[1].ShouldBe("hello you\n");
        frames[3].ShouldBe("""{"metadata":{},"status":"Success"}""");
    }

    [Fact]
    public async Task Exec_tells_the_exit_code()
    {
        await using var server = await WithPodsAsync();

        var (_, frames) = await ExecAsync(server, "command=fail&command=42&stdout=true&stderr=true");

        frames[2].ShouldBe("no\n");
        var status = (JsonObject)JsonNode.Parse(frames[3])!;
        status.GetString("reason").ShouldBe("NonZeroExitCode");
        status.GetObject("details").GetObjects("causes").Single().ToJsonString().ShouldBe("""{"reason":"ExitCode","message":"42"}""");
    }

    [Fact]
    public async Task Input_reaches_the_command_until_it_is_closed()
    {
        await using var server = await WithPodsAsync();

        var (_, frames) = await ExecAsync(server, "command=cat&stdin=true&stdout=true", "v5.channel.k8s.io", [0, .. "in "u8], [0, .. "and out"u8], [255, 0]);

        frames[1].ShouldBe("in and out");
        frames[3].ShouldBe("""{"metadata":{},"status":"Success"}""");
    }

    [Fact]
    public async Task The_size_of_the_terminal_reaches_the_command()
    {
        await using var server = await WithPodsAsync();

        var (_, frames) = await ExecAsync(server, "command=size&stdin=true&stdout=true&tty=true", "v5.channel.k8s.io", [4, .. """{"Width":120,"Height":40}"""u8]);

        frames[1].ShouldBe("120x40\n");
    }

    [Fact]
    public async Task Attach_is_a_stream_as_exec_is()
    {
        await using var server = await WithPodsAsync();

        var (_, frames) = await RunAsync(server, "one/attach?stdin=true&stdout=true", "v5.channel.k8s.io", [0, .. "echo"u8], [255, 0]);

        frames[1].ShouldBe("echo");
    }

    [Fact]
    public async Task An_unknown_protocol_is_refused_before_the_upgrade()
    {
        await using var server = await WithPodsAsync();

        var refused = await Should.ThrowAsync<WebSocketException>(() => ExecAsync(server, "command=echo&stdout=true", "v9.channel.k8s.io"));

        refused.Message.ShouldContain("400");
    }

    [Theory]
    [InlineData("late", "Internal error occurred: unable to upgrade connection: container not found (\\\"main\\\")")]
    [InlineData("unknown", "Internal error occurred: Internal error occurred: error executing command in container: no such program")]
    public async Task What_a_node_refuses_is_told_over_a_WebSocket_as_the_API_servers_own_error(string command, string expected)
    {
        await using var server = await WithPodsAsync();

        var (_, frames) = await ExecAsync(server, $"command={command}&stdout=true");

        frames[3].ShouldBe($$"""{"metadata":{},"status":"Failure","message":"{{expected}}","reason":"InternalError"}""");
    }

    [Fact]
    public async Task What_a_node_refuses_is_told_to_SPDY_in_the_nodes_words()
    {
        await using var server = await WithPodsAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Pods + "one/exec?command=late&stdout=true");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("SPDY/3.1");
        request.Headers.Add("X-Stream-Protocol-Version", "v4.channel.k8s.io");

        using var response = await server.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(500);
        (await response.Content.ReadAsStringAsync()).ShouldBe("container not found (\"main\")");
    }

    private static Task<(string? Protocol, Dictionary<int, string> Frames)> ExecAsync(TestServer server, string query, string protocol = "v5.channel.k8s.io", params byte[][] input) =>
        RunAsync(server, $"one/exec?{query}", protocol, input);

    private static async Task<(string? Protocol, Dictionary<int, string> Frames)> RunAsync(TestServer server, string path, string protocol, params byte[][] input)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        socket.Options.ClientCertificates = [server.Certificates.Admin];
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await socket.ConnectAsync(new Uri($"wss://{server.Address.Authority}{Pods}{path}"), limit.Token);
        foreach (var message in input) await socket.SendAsync(message, WebSocketMessageType.Binary, true, limit.Token);
        var frames = new Dictionary<int, string>();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, limit.Token);
            if (received.MessageType == WebSocketMessageType.Close) break;
            frames[buffer[0]] = frames.GetValueOrDefault(buffer[0]) + Encoding.UTF8.GetString(buffer, 1, received.Count - 1);
        }
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        return (socket.SubProtocol, frames);
    }
}
