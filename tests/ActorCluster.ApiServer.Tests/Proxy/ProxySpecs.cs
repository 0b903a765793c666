using System.IO.Compression;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Tests.Proxy;

public class ProxySpecs
{
    private const string Pod = "/api/v1/namespaces/default/pods/one";
    private const string Service = "/api/v1/namespaces/default/services/web";

    [Theory]
    [InlineData(Pod + "/proxy/", "GET /", "10.244.1.2", 8080)]
    [InlineData(Pod + ":81/proxy/a%2Fb/../c/?x=1&y=%20", "GET /a%2Fb/../c/?x=1&y=%20", "10.244.1.2", 81)]
    [InlineData(Service + "/proxy/", "GET /", "10.244.1.2", 8080)]
    [InlineData(Service + ":80/proxy/x", "GET /x", "10.244.1.2", 8080)]
    [InlineData("/api/v1/namespaces/default/services/http:web:/proxy/x/", "GET /x/", "10.244.1.2", 8080)]
    [InlineData("/api/v1/nodes/n1:9100/proxy/metrics", "GET /metrics", "172.18.0.1", 9100)]
    public async Task A_request_goes_on_to_the_far_end(string path, string expected, string address, int port)
    {
        await using var farEnd = await FarEnd.StartAsync();
        var streams = new ScriptedStreams { Connect = farEnd.ConnectAsync };
        await using var server = await WithObjectsAsync(streams);

        var answer = await server.Client.GetStringAsync(new Uri(server.Address.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));

        answer.Split('\n')[0].ShouldBe(expected);
        streams.Opened.ShouldBe([("n1", new DialRequest(address, port))]);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Every_method_its_body_and_headers_are_passed(string method)
    {
        await using var farEnd = await FarEnd.StartAsync();
        await using var server = await WithObjectsAsync(new ScriptedStreams { Connect = farEnd.ConnectAsync });
        using var request = new HttpRequestMessage(new HttpMethod(method), Service + "/proxy/submit") { Content = new StringContent("the body") };
        request.Headers.Add("X-Sent", "seen");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer secret");

        using var response = await server.Client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).ShouldBe(
            $"{method} /submit\nhost={server.Address.Authority} uri={Service}/proxy/submit for=127.0.0.1 authorization=\nthe body");
        response.Headers.GetValues("X-Seen").ShouldBe(["seen"]);
    }

    [Theory]
    [InlineData("/new", Service + "/proxy/new")]
    [InlineData("http://10.244.1.2:8080/new", Service + "/proxy/new")]
    [InlineData("https://example.com/", "https://example.com/")]
    public async Task A_redirect_leads_back_through_the_proxy(string location, string expected)
    {
        await using var farEnd = await FarEnd.StartAsync();
        await using var server = await WithObjectsAsync(new ScriptedStreams { Connect = farEnd.ConnectAsync });
        using var client = Direct(server);

        using var response = await client.GetAsync($"{Service}/proxy/old?to={Uri.EscapeDataString(location)}");

        ((int)response.StatusCode).ShouldBe(302);
        response.Headers.GetValues("Location").ShouldBe([expected]);
    }

    [Theory]
    [InlineData("", $"""<p>é <a href="{Service}/proxy/next">on</a>""")]
    [InlineData("gzip", $"""<p>é <a href="{Service}/proxy/next">on</a>""")]
    [InlineData("deflate", $"""<p>é <a href="{Service}/proxy/next">on</a>""")]
    [InlineData("unknown", """<p>é <a href="/next">on</a>""")]
    public async Task A_pages_links_lead_back_through_the_proxy(string encoding, string expected)
    {
        await using var farEnd = await FarEnd.StartAsync();
        await using var server = await WithObjectsAsync(new ScriptedStreams { Connect = farEnd.ConnectAsync });
        using var client = Direct(server);

        using var response = await client.GetAsync($"{Service}/proxy/page?as={encoding}");

        string.Join(',', response.Content.Headers.ContentEncoding).ShouldBe(encoding);
        var body = await response.Content.ReadAsStreamAsync();
        await using Stream decoded = encoding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new DeflateStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(decoded, Encoding.UTF8);
        (await reader.ReadToEndAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task The_path_without_a_slash_is_redirected_to_the_one_with_it()
    {
        await using var server = await WithObjectsAsync(new ScriptedStreams());
        using var client = Direct(server);

        using var response = await client.GetAsync(Service + "/proxy?a=b");

        ((int)response.StatusCode).ShouldBe(301);
        response.Headers.GetValues("Location").ShouldBe([Service + "/proxy/?a=b"]);
    }

    [Theory]
    [InlineData(Pod + "/proxy/", 503, "ServiceUnavailable", "error trying to reach service: dial tcp 10.244.1.2:80: connect: connection refused")]
    [InlineData(Pod + ":x/proxy/", 503, "ServiceUnavailable", "error trying to reach service: dial tcp: lookup tcp/x: unknown port")]
    [InlineData("/api/v1/namespaces/default/pods/ftp:one:1/proxy/", 400, "BadRequest", "invalid pod request \"ftp:one:1\"")]
    [InlineData("/api/v1/namespaces/default/pods/two/proxy/", 404, "NotFound", "pods \"two\" not found")]
    [InlineData("/api/v1/namespaces/default/pods/unscheduled/proxy/", 400, "BadRequest", "address not allowed")]
    [InlineData("/api/v1/namespaces/default/services/nobody/proxy/", 404, "NotFound", "endpoints \"nobody\" not found")]
    [InlineData("/api/v1/namespaces/default/services/empty/proxy/", 503, "ServiceUnavailable", "no endpoints available for service \"empty\"")]
    [InlineData(Service + ":named/proxy/", 503, "ServiceUnavailable", "no endpoints available for service \"web:named\"")]
    [InlineData(Service + ":81/proxy/", 503, "ServiceUnavailable", "no service port 81 found for service \"web\"")]
    [InlineData("/api/v1/namespaces/default/services/foreign/proxy/", 503, "ServiceUnavailable", "no endpoints available for service \"foreign\"")]
    [InlineData("/api/v1/nodes/n2/proxy/healthz", 404, "NotFound", "nodes \"n2\" not found")]
    public async Task What_cannot_be_reached_is_refused_as_upstream_refuses_it(string path, int code, string reason, string message)
    {
        await using var server = await WithObjectsAsync(new ScriptedStreams());

        using var response = await server.Client.GetAsync(path);

        var status = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        ((int)response.StatusCode).ShouldBe(code, status.ToJsonString());
        status.GetString("reason").ShouldBe(reason);
        status.GetString("message").ShouldBe(message);
    }

    [Theory]
    [InlineData("n1/proxy/healthz", 200, "text/plain; charset=utf-8", "ok")]
    [InlineData("https:n1:10250/proxy/healthz", 200, "text/plain; charset=utf-8", "ok")]
    [InlineData("n1:10250/proxy/page/", 200, "text/html; charset=utf-8", "<pre>")]
    [InlineData("n1/proxy/page", 301, "text/plain; charset=utf-8", "", "page/")]
    [InlineData("n1/proxy/other/", 404, "text/plain; charset=utf-8", "404 page not found\n")]
    public async Task A_nodes_agent_answers_for_itself(string path, int code, string type, string expected, string location = "")
    {
        await using var server = await WithObjectsAsync(new ScriptedStreams());
        using var client = Direct(server);

        using var response = await client.GetAsync("/api/v1/nodes/" + path);

        ((int)response.StatusCode).ShouldBe(code);
        response.Content.Headers.ContentType?.ToString().ShouldBe(type);
        (response.Headers.Location?.OriginalString ?? "").ShouldBe(location);
        (await response.Content.ReadAsStringAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task A_far_end_that_hangs_up_is_reported()
    {
        await using var server = await WithObjectsAsync(new ScriptedStreams { Connect = () => Task.FromResult(Stream.Null) });

        using var response = await server.Client.GetAsync(Pod + "/proxy/");

        ((int)response.StatusCode).ShouldBe(503);
        ((JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!).GetString("message").ShouldBe("error trying to reach service: EOF");
    }

    [Fact]
    public async Task A_connection_may_switch_its_protocol()
    {
        await using var farEnd = await FarEnd.StartAsync();
        await using var server = await WithObjectsAsync(new ScriptedStreams { Connect = farEnd.ConnectAsync });
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Address.Host, server.Address.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [server.Certificates.Admin] });
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {Service}/proxy/echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));
        using var reader = new StreamReader(tls);

        (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 101 Switching Protocols");
        while (await reader.ReadLineAsync() is { Length: > 0 }) continue;
        await tls.WriteAsync("both ways\n"u8.ToArray());
        (await reader.ReadLineAsync()).ShouldBe("both ways");
    }

    private static HttpClient Direct(TestServer server)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        handler.SslOptions.ClientCertificates = [server.Certificates.Admin];
        return new HttpClient(handler) { BaseAddress = server.Address };
    }

    private static async Task<TestServer> WithObjectsAsync(ScriptedStreams streams)
    {
        var server = await TestServer.StartAsync(streams);
        await server.Api.CreatedAsync("nodes", "{apiVersion: v1, kind: Node, metadata: {name: n1}}");
        TestApi.Good(await server.Api.PatchAsync("nodes", "n1", """{"status":{"addresses":[{"type":"InternalIP","address":"172.18.0.1"}]}}""", subresource: "status"));
        await server.Api.CreatedAsync("pods", "{apiVersion: v1, kind: Pod, metadata: {name: one}, spec: {containers: [{name: a, image: x, ports: [{containerPort: 8080}]}]}}");
        await server.Api.CreatedAsync("pods", Manifests.Pod("unscheduled"));
        TestApi.Good(await server.Api.SendAsync(new ApiRequest(ApiVerb.Create, new ResourceName("", "pods"), "default", "one", "binding", Body: Encoding.UTF8.GetBytes("""{"target":{"name":"n1"}}"""))));
        TestApi.Good(await server.Api.PatchAsync("pods", "one", """{"status":{"podIP":"10.244.1.2","podIPs":[{"ip":"10.244.1.2"}]}}""", subresource: "status"));
        await server.Api.CreatedAsync("services", Manifests.Service("web"));
        await server.Api.CreatedAsync("endpoints", """
            {apiVersion: v1, kind: Endpoints, metadata: {name: web}, subsets: [
              {addresses: [{ip: 10.244.9.9}, {ip: 10.244.1.2, targetRef: {kind: Pod, namespace: default, name: one}}], ports: [{port: 8080}]}]}
            """);
        await server.Api.CreatedAsync("endpoints", "{apiVersion: v1, kind: Endpoints, metadata: {name: empty}}");
        await server.Api.CreatedAsync("endpoints", "{apiVersion: v1, kind: Endpoints, metadata: {name: foreign}, subsets: [{addresses: [{ip: 1.1.1.1}], ports: [{port: 80}]}]}");
        return server;
    }
}
