using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class ReadSpecs
{
    private static async Task<TestApi> WithConfigMapsAsync(int count)
    {
        var api = await TestApi.StartAsync();
        for (var i = 0; i < count; i++) await api.CreatedAsync("configmaps", Manifests.ConfigMap($"c{i}", metadata: $", labels: {{parity: {(i % 2 == 0 ? "even" : "odd")}}}"));
        return api;
    }

    [Fact]
    public async Task A_list_is_in_key_order_with_the_stores_revision()
    {
        await using var api = await WithConfigMapsAsync(3);

        var list = TestApi.Good(await api.ListAsync("configmaps"));

        list.GetString("kind").ShouldBe("ConfigMapList");
        list.GetString("apiVersion").ShouldBe("v1");
        list.GetObjects("items").Select(i => i.TextAt("metadata", "name")).ShouldBe(["c0", "c1", "c2"]);
        long.Parse(list.TextAt("metadata", "resourceVersion")!).ShouldBe(list.GetObjects("items").Max(i => long.Parse(i.TextAt("metadata", "resourceVersion")!)));
    }

    [Theory]
    [InlineData("parity=even", null, "c0,c2,c4")]
    [InlineData("parity notin (even)", null, "c1,c3")]
    [InlineData("!parity", null, "")]
    [InlineData(null, "metadata.name=c3", "c3")]
    [InlineData(null, "metadata.name!=c3,metadata.namespace=default", "c0,c1,c2,c4")]
    [InlineData("parity=odd", "metadata.name!=c3", "c1")]
    public async Task Selectors_select(string? labels, string? fields, string expected)
    {
        await using var api = await WithConfigMapsAsync(5);

        var names = await api.NamesAsync("configmaps", new ApiRequestOptions { LabelSelector = labels, FieldSelector = fields });

        string.Join(',', names).ShouldBe(expected);
    }

    [Fact]
    public async Task Pages_together_are_the_list()
    {
        await using var api = await WithConfigMapsAsync(7);

        var names = new List<string>();
        var remaining = new List<long?>();
        string? token = null;
        do
        {
            var page = TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 3, Continue = token }));
            names.AddRange(page.GetObjects("items").Select(i => i.TextAt("metadata", "name")!));
            remaining.Add(page.IntegerAt("metadata", "remainingItemCount"));
            token = page.TextAt("metadata", "continue");
        }
        while (token is not null);

        names.ShouldBe(["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
        remaining.ShouldBe([4, 1, null]);
    }

    [Fact]
    public async Task All_pages_show_the_state_that_the_first_one_was_of()
    {
        await using var api = await WithConfigMapsAsync(4);
        var first = TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2 }));
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("c9"));
        TestApi.Good(await api.DeleteAsync("configmaps", "c3"));

        var second = TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2, Continue = first.TextAt("metadata", "continue") }));

        Names(second).ShouldBe(["c2", "c3"]);
        second.TextAt("metadata", "resourceVersion").ShouldBe(first.TextAt("metadata", "resourceVersion"));
        second.TextAt("metadata", "continue").ShouldBeNull();
        Names(TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { ResourceVersion = first.TextAt("metadata", "resourceVersion"), ResourceVersionMatch = "Exact" })))
            .ShouldBe(["c0", "c1", "c2", "c3"]);
    }

    [Fact]
    public async Task A_list_that_expired_goes_on_with_what_is_there_now()
    {
        await using var api = await WithConfigMapsAsync(5);
        var first = TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2 }));
        var token = first.TextAt("metadata", "continue");
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("c33"));
        api.Clock.Advance(PagedStates.Interval);
        Names(TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2, Continue = token }))).ShouldBe(["c2", "c3"]);
        api.Clock.Advance(PagedStates.Interval);

        var expired = TestApi.Refused(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2, Continue = token }), 410);

        expired.GetString("reason").ShouldBe("Expired");
        expired.GetString("message")!.ShouldStartWith("The provided continue parameter is too old to display a consistent list result.");
        var next = TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2, Continue = expired.TextAt("metadata", "continue") }));
        Names(next).ShouldBe(["c2", "c3"]);
        next.TextAt("metadata", "resourceVersion").ShouldNotBe(first.TextAt("metadata", "resourceVersion"));
        next.IntegerAt("metadata", "remainingItemCount").ShouldBe(2);
        var last = TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2, Continue = next.TextAt("metadata", "continue") }));
        Names(last).ShouldBe(["c33", "c4"]);
        last.TextAt("metadata", "resourceVersion").ShouldBe(next.TextAt("metadata", "resourceVersion"));
        TestApi.Refused(await api.ListAsync("configmaps", new ApiRequestOptions { ResourceVersion = first.TextAt("metadata", "resourceVersion"), ResourceVersionMatch = "Exact" }), 410)
            .GetString("message").ShouldBe("The resourceVersion for the provided list is too old.");
    }

    [Fact]
    public async Task A_list_that_nothing_happened_to_goes_on_however_late()
    {
        await using var api = await WithConfigMapsAsync(3);
        var token = TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Limit = 2 })).TextAt("metadata", "continue");
        api.Clock.Advance(10 * PagedStates.Interval);

        Names(TestApi.Good(await api.ListAsync("configmaps", new ApiRequestOptions { Continue = token }))).ShouldBe(["c2"]);
    }

    [Theory]
    [InlineData("zzz", "continue key is not valid: ")]
    [InlineData("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhL2IifQ", "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")]
    [InlineData("eyJ2IjoibWV0YS5rOHMuaW8vdjIiLCJydiI6NSwic3RhcnQiOiJhL2IifQ", "continue key is not valid: server does not recognize this encoded version meta.k8s.io/v2")]
    [InlineData("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NX0", "continue key is not valid: encoded start key empty (version meta.k8s.io/v1)")]
    [InlineData("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiIuLi8uLi9iIn0", "continue key is not valid: ../../b")]
    public async Task A_token_of_somebody_elses_is_a_bad_request(string token, string message)
    {
        await using var api = await TestApi.StartAsync();

        TestApi.Refused(await api.ListAsync("pods", new ApiRequestOptions { Continue = token }), 400).GetString("message")!.ShouldStartWith(message);
    }

    private static IEnumerable<string> Names(JsonObject list) => list.GetObjects("items").Select(i => i.TextAt("metadata", "name")!);

    [Fact]
    public async Task What_can_not_be_read_is_a_bad_request()
    {
        await using var api = await TestApi.StartAsync();

        TestApi.Refused(await api.ListAsync("pods", new ApiRequestOptions { LabelSelector = "a=b=c" }), 400).GetString("message").ShouldBe("found '=', expected: ',' or 'end of string'");
        TestApi.Refused(await api.ListAsync("pods", new ApiRequestOptions { FieldSelector = "spec.colour=red" }), 400).GetString("message").ShouldBe("field label not supported: spec.colour");
        TestApi.Refused(await api.ListAsync("pods", new ApiRequestOptions { Continue = "zzz" }), 400);
        TestApi.Refused(await api.ListAsync("pods", new ApiRequestOptions { ResourceVersion = "new" }), 400);
        TestApi.Refused(await api.ListAsync("pods", new ApiRequestOptions { ResourceVersionMatch = "Exact" }), 422);
        TestApi.Refused(await api.ListAsync("gadgets"), 404).GetString("message").ShouldBe("the server could not find the requested resource");
    }

    [Fact]
    public async Task A_revision_from_the_future_is_worth_a_second_try()
    {
        await using var api = await TestApi.StartAsync();

        var status = TestApi.Refused(await api.ListAsync("pods", new ApiRequestOptions { ResourceVersion = "100000", ResourceVersionMatch = "NotOlderThan" }), 504);

        status.GetString("message")!.ShouldStartWith("Timeout: Too large resource version: 100000, current: ");
        status.GetObject("details").GetObjects("causes").Single().GetString("reason").ShouldBe("ResourceVersionTooLarge");
    }

    [Fact]
    public async Task The_scale_of_a_deployment_is_read_and_written()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("deployments.apps", Manifests.Deployment("web"));

        var scale = TestApi.Good(await api.PatchAsync("deployments.apps", "web", """{"spec":{"replicas":7}}""", subresource: "scale"));

        scale.GetString("kind").ShouldBe("Scale");
        scale.IntegerAt("spec", "replicas").ShouldBe(7);
        scale.TextAt("status", "selector").ShouldBe("app=web");
        (await api.ReadAsync("deployments.apps", "web")).IntegerAt("spec", "replicas").ShouldBe(7);
        TestApi.Refused(await api.PatchAsync("deployments.apps", "web", """{"spec":{"replicas":-1}}""", subresource: "scale"), 422).GetString("message")
            .ShouldBe("Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    }
}
