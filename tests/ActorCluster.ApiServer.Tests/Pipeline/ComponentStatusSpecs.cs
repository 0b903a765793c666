using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class ComponentStatusSpecs
{
    private const string Components = "componentstatuses";

    [Fact]
    public async Task The_parts_of_the_control_plane_are_healthy_while_they_work()
    {
        await using var api = await TestApi.StartAsync();
        api.Pipeline.Components.NoteControllers(true);

        var list = TestApi.Good(await api.ListAsync(Components, ns: ""));
        list.GetString("kind").ShouldBe("ComponentStatusList");
        list.GetObjects("items").Select(item => item.TextAt("metadata", "name")).ShouldBe(["controller-manager", "etcd-0", "scheduler"]);
        (await ReadAsync(api.Pipeline, "etcd-0")).ToJsonString()
            .ShouldBe("""{"kind":"ComponentStatus","apiVersion":"v1","metadata":{"name":"etcd-0"},"conditions":[{"type":"Healthy","status":"True","message":"ok"}]}""");
    }

    [Fact]
    public async Task Controllers_that_do_not_work_yet_or_any_more_are_unhealthy()
    {
        await using var api = await TestApi.StartAsync();
        (await HealthAsync(api.Pipeline, "scheduler")).ShouldBe(("False", "the controllers are not at work", null));
        api.Pipeline.Components.NoteControllers(true);
        (await HealthAsync(api.Pipeline, "scheduler")).ShouldBe(("True", "ok", null));
        api.Pipeline.Components.NoteControllers(false);
        (await HealthAsync(api.Pipeline, "controller-manager")).ShouldBe(("False", "the controllers are not at work", null));
    }

    [Fact]
    public async Task A_store_that_could_not_be_written_is_unhealthy_and_says_why()
    {
        await using var api = await TestApi.StartAsync();
        var pipeline = api.NewPipeline(store => new FullStore(store));
        (await HealthAsync(pipeline, "etcd-0")).ShouldBe(("False", null, "no space is left"));
    }

    [Fact]
    public async Task A_part_that_does_not_exist_is_not_found_by_the_name_in_the_singular()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await api.GetAsync(Components, "etcd-1", ns: ""), 404).GetString("message").ShouldBe("componentstatus \"etcd-1\" not found");
    }

    [Fact]
    public async Task Parts_are_selected_by_name_and_have_no_labels()
    {
        await using var api = await TestApi.StartAsync();
        (await NamesAsync(api, new ApiRequestOptions { FieldSelector = "metadata.name=scheduler" })).ShouldBe(["scheduler"]);
        (await NamesAsync(api, new ApiRequestOptions { LabelSelector = "a" })).ShouldBeEmpty();
        (await NamesAsync(api, new ApiRequestOptions { LabelSelector = "!a", Limit = 2 })).ShouldBe(["controller-manager", "etcd-0"]);
    }

    [Fact]
    public async Task Nobody_writes_or_watches_them()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await api.CreateAsync(Components, "{apiVersion: v1, kind: ComponentStatus, metadata: {name: x}}", ns: ""), 405);
        TestApi.Refused(await api.DeleteAsync(Components, "scheduler"), 405);
    }

    [Fact]
    public async Task Every_answer_warns_that_they_are_deprecated_and_a_table_says_how_they_are()
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/componentstatuses/etcd-0");
        request.Headers.Add("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        using var response = await server.Client.SendAsync(request);

        response.Headers.GetValues("Warning").ShouldBe(["299 - \"v1 ComponentStatus is deprecated in v1.19+\""]);
        var table = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        table.GetObjects("columnDefinitions").Select(column => column.GetString("name")).ShouldBe(["Name", "Status", "Message", "Error"]);
        table.GetObjects("rows").Single()["cells"]!.ToJsonString().ShouldBe("""["etcd-0","Healthy","ok",""]""");
    }

    [Fact]
    public async Task Discovery_says_that_they_can_be_read_and_gives_their_short_name()
    {
        await using var server = await TestServer.StartAsync();
        var resource = (await server.JsonAsync("/api/v1")).GetObjects("resources").Single(r => r.GetString("name") == Components);
        resource.GetString("singularName").ShouldBe("componentstatus");
        resource.GetStrings("verbs").ShouldBe(["get", "list"]);
        resource.GetStrings("shortNames").ShouldBe(["cs"]);
    }

    private static async Task<IEnumerable<string?>> NamesAsync(TestApi api, ApiRequestOptions options) =>
        TestApi.Good(await api.SendAsync(new ApiRequest(ApiVerb.List, ResourceName.Parse(Components), "", Options: options))).GetObjects("items").Select(item => item.TextAt("metadata", "name"));

    private static async Task<JsonObject> ReadAsync(ApiPipeline pipeline, string name) =>
        TestApi.Good(await pipeline.SendAsync(new ApiRequest(ApiVerb.Get, ResourceName.Parse(Components), "", name)));

    private static async Task<(string? Status, string? Message, string? Error)> HealthAsync(ApiPipeline pipeline, string name)
    {
        var condition = (await ReadAsync(pipeline, name)).GetObjects("conditions").Single();
        return (condition.GetString("status"), condition.GetString("message"), condition.GetString("error"));
    }

    private sealed class FullStore(IObjectStore store) : IObjectStore
    {
        public string? WriteFault => "no space is left";

        public IStoreSnapshot Snapshot => store.Snapshot;

        public Task<CommitResult> CommitAsync(IReadOnlyList<Mutation> mutations, CancellationToken cancellationToken = default) => throw new StoreUnavailableException("no space is left");

        public IStoreWatch Watch(ResourceName resource, string? @namespace, long afterRevision, FieldValue? only = null) => store.Watch(resource, @namespace, afterRevision, only);
    }
}
