using System.IO.Pipelines;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Http;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorCluster.ApiServer.Tests.Http;

/// <summary>Clients that are slow, that go in the middle, or that don't read what they asked for.</summary>
public class BadConnectionSpecs
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task A_body_that_trickles_holds_nobody_up_and_makes_nothing_when_its_client_goes()
    {
        await using var server = await TestServer.StartAsync();
        await using (var slow = await RawConnection.OpenAsync(server))
        {
            await slow.SendAsync($"POST {ConfigMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
            foreach (var letter in "{\"metadata\"") await slow.SendAsync(letter.ToString());

            (await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"metadata":{"name":"quick"}}""")).EnsureSuccessStatusCode();
        }
        (await server.Api.NamesAsync("configmaps")).ShouldBe(["quick"]);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_answered_with_a_timeout()
    {
        await using var api = await TestApi.StartAsync();
        using var certificates = ClusterCertificates.CreateInMemory(TimeProvider.System);
        api.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        var answer = new MemoryStream();
        var context = NewContext(certificates, "POST", ConfigMaps);
        context.Request.Body = new TooSlowBody();
        context.Response.Body = answer;

        await HandlerOf(api, certificates)(context);

        context.Response.StatusCode.ShouldBe(504);
        var status = (JsonObject)JsonNode.Parse(answer.ToArray())!;
        status.GetString("reason").ShouldBe("Timeout");
        status.GetString("message").ShouldBe("Timeout: request did not complete within the allotted timeout");
    }

    [Fact]
    public async Task A_body_that_ends_before_its_length_makes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await using var connection = await RawConnection.OpenAsync(server);
        // What has come is a whole object; what should follow might have been anything.
        await connection.SendAsync($"POST {ConfigMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"metadata\":{{\"name\":\"half\"}}}}");
        connection.CloseHalf();

        (await connection.ReadToEndAsync()).ShouldNotContain("HTTP/1.1 201");
        (await server.Api.GetAsync("configmaps", "half")).StatusCode.ShouldBe(404);
    }

    [Fact]
    public async Task A_watch_whose_client_has_closed_its_half_ends()
    {
        await using var server = await TestServer.StartAsync();
        await using var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync("GET /api/v1/namespaces?watch=true HTTP/1.1\r\nHost: x\r\n\r\n");
        (await connection.ReadThroughAsync("\"type\":\"ADDED\"")).ShouldStartWith("HTTP/1.1 200 OK\r\n");

        connection.CloseHalf();

        // The server closes the other half, or this would go on until the watch's time is over, on a clock that stands still.
        await connection.ReadToEndAsync();
    }

    [Fact]
    public async Task A_watcher_that_stops_reading_holds_a_buffer_at_most_and_is_sent_away_once_it_has_missed_too_much()
    {
        const int made = 400;
        const int size = 4096;
        await using var api = await TestApi.StartAsync(new StoreOptions { HistoryMaximum = 32, HistoryMinimum = 1 });
        using var certificates = ClusterCertificates.CreateInMemory(TimeProvider.System);
        api.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 8 * size, resumeWriterThreshold: 4 * size, useSynchronizationContext: false));
        var context = NewContext(certificates, "GET", ConfigMaps);
        context.Request.QueryString = new QueryString("?watch=true");
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(pipe.Writer.AsStream()));
        var watch = HandlerOf(api, certificates)(context);
        for (var i = 0; i < made; i++) await api.CreatedAsync("configmaps", $"metadata: {{ name: m{i} }}\ndata: {{ a: {new string('x', size)} }}");

        // Only now somebody reads: what was kept for the watcher, and that it has to list anew.
        var events = new List<JsonObject>();
        using (var reader = new StreamReader(pipe.Reader.AsStream()))
        {
            while (events.Count == 0 || events[^1].GetString("type") != "ERROR") events.Add((JsonObject)JsonNode.Parse((await reader.ReadLineAsync())!)!);
        }
        await watch;

        events.Count.ShouldBeLessThan(made / 2);
        events[^1].IntegerAt("object", "code").ShouldBe(410);
    }

    private static DefaultHttpContext NewContext(ClusterCertificates certificates, string method, string path)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Connection.ClientCertificate = certificates.Admin;
        return context;
    }

    private static RequestDelegate HandlerOf(TestApi api, ClusterCertificates certificates) => ApiServerHost.HandlerOf(
        new ApiServerOptions { Pipeline = api.Pipeline, Certificates = certificates, Streams = new ScriptedStreams(), Simulation = api.Simulation, Logging = NullLoggerFactory.Instance }, CancellationToken.None);

    /// <summary>As Kestrel's bodies are once they have come at less than its least rate.</summary>
    private sealed class TooSlowBody : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new BadHttpRequestException("Reading the request body timed out due to data arriving too slowly.", StatusCodes.Status408RequestTimeout);
    }
}
