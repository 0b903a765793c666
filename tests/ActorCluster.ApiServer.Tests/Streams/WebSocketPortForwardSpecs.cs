using System.Net.WebSockets;
using System.Text;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Streams;

/// <summary>port-forward as client libraries ask for it: channels of a WebSocket, two for each port.</summary>
public class WebSocketPortForwardSpecs
{
    private const string Protocol = "v4.channel.k8s.io";

    [Fact]
    public async Task Ports_are_forwarded_side_by_side_and_each_channel_begins_with_its_ports_number()
    {
        await using var farEnd = await FarEnd.StartAsync();
        await using var server = await SpdyStreamSpecs.WithPodAsync(new ScriptedStreams { Connect = farEnd.ConnectAsync });
        using var socket = await ConnectAsync(server, "ports=8080&ports=258");
        socket.SubProtocol.ShouldBe(Protocol);
        await SendAsync(socket, 0, "GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        await SendAsync(socket, 2, "GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        var channels = await ReadToEndAsync(socket);

        channels[0].ShouldStartWith("\x90\x1fHTTP/1.1 200");
        channels[0].ShouldContain("GET /one\n");
        channels[1].ShouldBe("\x90\x1f");
        channels[2].ShouldStartWith("\x02\x01HTTP/1.1 200");
        channels[2].ShouldContain("GET /two\n");
    }

    [Fact]
    public async Task A_refused_connection_is_told_on_its_error_channel()
    {
        await using var server = await SpdyStreamSpecs.WithPodAsync(new ScriptedStreams());
        using var socket = await ConnectAsync(server, "ports=80");

        (await ReadToEndAsync(socket))[1].ShouldMatch("^P\0error forwarding port 80 to pod one, uid .*connection refused$");
    }

    [Theory]
    [InlineData("", Protocol)]
    [InlineData("ports=0", Protocol)]
    [InlineData("ports=80,x", Protocol)]
    [InlineData("ports=80", "v9.channel.k8s.io")]
    public async Task What_can_not_be_forwarded_is_refused_before_the_upgrade(string query, string protocol)
    {
        await using var server = await SpdyStreamSpecs.WithPodAsync(new ScriptedStreams());
        (await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(server, query, protocol))).Message.ShouldContain("400");
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestServer server, string query, string protocol = Protocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        socket.Options.ClientCertificates = [server.Certificates.Admin];
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        await socket.ConnectAsync(new Uri($"wss://{server.Address.Authority}/api/v1/namespaces/default/pods/one/portforward?{query}"), default);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, byte channel, string text) =>
        socket.SendAsync(new ReadOnlyMemory<byte>([channel, .. Encoding.ASCII.GetBytes(text)]), WebSocketMessageType.Binary, true, default).AsTask();

    /// <summary>What came on each channel, a character a byte.</summary>
    private static async Task<Dictionary<int, string>> ReadToEndAsync(ClientWebSocket socket)
    {
        var channels = new Dictionary<int, string>();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, default) is { MessageType: WebSocketMessageType.Binary } received)
            channels[buffer[0]] = channels.GetValueOrDefault(buffer[0]) + Encoding.Latin1.GetString(buffer, 1, received.Count - 1);
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        return channels;
    }
}
