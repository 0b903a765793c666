using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Streams;

/// <summary>What clients other than kubectl speak over WebSockets: the older protocols of exec, logs, and watches.</summary>
public class WebSocketSpecs
{
    private const string Api = "/api/v1/namespaces/default/";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("command=echo&command=hi", new[] { "", "hi\n" }, "")]
    [InlineData("command=fail&command=42", new[] { "", "no\n" }, "command terminated with non-zero exit code: exit status 42")]
    public async Task Before_version_4_the_error_channel_says_in_plain_words_what_failed_and_nothing_otherwise(string command, string[] output, string error)
    {
        await using var server = await StreamSpecs.WithPodsAsync();
        using var socket = await ConnectAsync(server, $"pods/one/exec?{command}&stdout=true&stderr=true", "channel.k8s.io");

        var messages = await ReadToEndAsync(socket, WebSocketMessageType.Binary);

        messages.Where(message => message[0] != 3).Select(message => Encoding.UTF8.GetString(message[1..])).ShouldBe(output);
        string.Concat(messages.Where(message => message[0] == 3).Select(message => Encoding.UTF8.GetString(message[1..]))).ShouldBe(error);
    }

    [Fact]
    public async Task Exec_without_a_protocol_is_as_before_version_4()
    {
        await using var server = await StreamSpecs.WithPodsAsync();
        using var socket = await ConnectAsync(server, "pods/one/exec?command=echo&command=hi&stdout=true");

        socket.SubProtocol.ShouldBeNull();
        (await ReadToEndAsync(socket, WebSocketMessageType.Binary)).Select(message => $"{message[0]}{Encoding.UTF8.GetString(message[1..])}").ShouldBe(["1", "1hi\n"]);
    }

    [Theory]
    [InlineData("base64.channel.k8s.io", "")]
    [InlineData("v4.base64.channel.k8s.io", """{"metadata":{},"status":"Success"}""")]
    public async Task Exec_may_be_in_base64(string protocol, string error)
    {
        await using var server = await StreamSpecs.WithPodsAsync();
        using var socket = await ConnectAsync(server, "pods/one/exec?command=size&stdin=true&stdout=true&tty=true", protocol);
        await socket.SendAsync(Encoding.ASCII.GetBytes("4" + Convert.ToBase64String("""{"Width":120,"Height":40}"""u8)), WebSocketMessageType.Text, true, default);

        var messages = (await ReadToEndAsync(socket, WebSocketMessageType.Text)).Select(Encoding.ASCII.GetString).ToList();

        messages[..2].ShouldBe(["1", "1" + Convert.ToBase64String("120x40\n"u8)]);
        messages[2..].ShouldBe(error.Length == 0 ? [] : ["3" + Convert.ToBase64String(Encoding.ASCII.GetBytes(error))]);
    }

    [Fact]
    public async Task What_is_no_base64_ends_the_connection()
    {
        await using var server = await StreamSpecs.WithPodsAsync();
        using var socket = await ConnectAsync(server, "pods/one/attach?stdin=true&stdout=true", "base64.channel.k8s.io");

        await socket.SendAsync("0!"u8.ToArray(), WebSocketMessageType.Text, true, default);

        (await ReadToEndAsync(socket, WebSocketMessageType.Text, WebSocketCloseStatus.InvalidPayloadData)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(null, WebSocketMessageType.Binary)]
    [InlineData("binary.k8s.io", WebSocketMessageType.Binary)]
    [InlineData("base64.binary.k8s.io", WebSocketMessageType.Text)]
    public async Task A_log_comes_in_messages(string? protocol, WebSocketMessageType type)
    {
        await using var server = await StreamSpecs.WithPodsAsync();
        using var socket = await ConnectAsync(server, "pods/one/log?tailLines=2", protocol);

        socket.SubProtocol.ShouldBe(protocol);
        var text = string.Concat((await ReadToEndAsync(socket, type)).Select(message =>
            Encoding.UTF8.GetString(type == WebSocketMessageType.Text ? Convert.FromBase64String(Encoding.ASCII.GetString(message)) : message)));
        text.ShouldBe("line 4\nline 5\n");
    }

    [Fact]
    public async Task A_refused_log_is_refused_before_the_upgrade()
    {
        await using var server = await StreamSpecs.WithPodsAsync();

        (await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(server, "pods/none/log"))).Message.ShouldContain("404");
    }

    [Fact]
    public async Task A_watch_has_a_message_for_each_event_and_ends_in_order_when_its_time_is_over()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("configmaps", "metadata: { name: a }");
        using var socket = await ConnectAsync(server, "configmaps?watch=true&timeoutSeconds=30&resourceVersion=0");
        var buffer = new byte[64 * 1024];
        (await EventAsync()).ShouldBe(("ADDED", "a"));
        await server.Api.CreatedAsync("configmaps", "metadata: { name: b }");
        (await EventAsync()).ShouldBe(("ADDED", "b"));

        server.Api.Clock.Advance(TimeSpan.FromSeconds(31));

        (await ReadToEndAsync(socket, WebSocketMessageType.Text)).ShouldBeEmpty();

        async Task<(string?, string?)> EventAsync()
        {
            var received = await socket.ReceiveAsync(buffer, default);
            received.MessageType.ShouldBe(WebSocketMessageType.Text);
            var change = (JsonObject)JsonNode.Parse(buffer.AsSpan(0, received.Count))!;
            return (change.GetString("type"), change.TextAt("object", "metadata", "name"));
        }
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestServer server, string path, string? protocol = null)
    {
        var socket = new ClientWebSocket();
        if (protocol is not null) socket.Options.AddSubProtocol(protocol);
        socket.Options.ClientCertificates = [server.Certificates.Admin];
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        await socket.ConnectAsync(new Uri($"wss://{server.Address.Authority}{Api}{path}"), default);
        return socket;
    }

    private static async Task<List<byte[]>> ReadToEndAsync(ClientWebSocket socket, WebSocketMessageType type, WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure)
    {
        using var limit = new CancellationTokenSource(Patience);
        List<byte[]> messages = [];
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, limit.Token);
            if (received.MessageType == WebSocketMessageType.Close) break;
            received.MessageType.ShouldBe(type);
            messages.Add(buffer[..received.Count]);
        }

        socket.CloseStatus.ShouldBe(status);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        return messages;
    }
}
