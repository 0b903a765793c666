using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ActorCluster.Dashboard.Tests;

public sealed class DashboardServerTests
{
    [Fact]
    public async Task The_page_and_the_view_are_served_from_what_the_api_says()
    {
        using var api = Api(path => path == "/api/v1/nodes" ? """{"items":[{"metadata":{"name":"worker-1"}}]}""" : """{"items":[]}""");
        await using var dashboard = await StartAsync(api, 0);
        using var browser = new HttpClient { BaseAddress = dashboard.Address };
        (await browser.GetStringAsync("/")).ShouldContain("<title>ActorCluster</title>");
        (await browser.GetStringAsync("/page.js")).ShouldContain("fetch(\"view\")");
        var view = await browser.GetFromJsonAsync<JsonElement>("/view");
        view.GetProperty("name").GetString().ShouldBe("lab");
        view.GetProperty("nodes")[0].GetProperty("name").GetString().ShouldBe("worker-1");
    }

    [Fact]
    public async Task An_api_that_does_not_answer_is_told_to_the_user_not_thrown()
    {
        using var api = Api(_ => throw new HttpRequestException("Connection refused"));
        await using var dashboard = await StartAsync(api, 0);
        using var browser = new HttpClient { BaseAddress = dashboard.Address };
        var view = await browser.GetFromJsonAsync<JsonElement>("/view");
        view.GetProperty("error").GetString().ShouldBe("The API server does not answer: Connection refused");
    }

    [Fact]
    public async Task Another_sites_host_name_is_refused()
    {
        using var api = Api(_ => """{"items":[]}""");
        await using var dashboard = await StartAsync(api, 0);
        using var browser = new HttpClient { BaseAddress = dashboard.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/view") { Headers = { Host = "evil.example" } };
        using var answer = await browser.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_IOException()
    {
        using var api = Api(_ => """{"items":[]}""");
        await using var first = await StartAsync(api, 0);
        await Should.ThrowAsync<IOException>(() => StartAsync(api, first.Address.Port));
    }

    private static Task<DashboardServer> StartAsync(HttpClient api, int port) =>
        DashboardServer.StartAsync(api, "lab", _ => Task.FromResult<IReadOnlyList<ServicePlace>>([]), port, CancellationToken.None);

    private static HttpClient Api(Func<string, string> answer) => new(new StubHandler(answer)) { BaseAddress = new Uri("https://cluster.test/") };

    private sealed class StubHandler(Func<string, string> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer(request.RequestUri!.AbsolutePath)) });
    }
}
