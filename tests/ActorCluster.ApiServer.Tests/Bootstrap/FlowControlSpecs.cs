using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Bootstrap;

public class FlowControlSpecs
{
    private const string Schemas = "flowschemas.flowcontrol.apiserver.k8s.io";
    private const string Levels = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io";

    [Fact]
    public async Task Every_server_has_upstreams_schemas_and_levels()
    {
        await using var api = await TestApi.StartAsync();

        (await api.NamesAsync(Schemas)).ShouldBe(
            ["catch-all", "exempt", "global-default", "kube-controller-manager", "kube-scheduler", "kube-system-service-accounts", "probes", "service-accounts", "system-leader-election", "system-node-high", "system-nodes"]);
        (await api.NamesAsync(Levels)).ShouldBe(["catch-all", "exempt", "global-default", "leader-election", "node-high", "system", "workload-high", "workload-low"]);
    }

    [Fact]
    public async Task What_is_deleted_comes_back_and_what_the_server_insists_on_can_not_be_changed()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Good(await api.DeleteAsync(Schemas, "catch-all"));
        TestApi.Good(await api.DeleteAsync(Levels, "exempt"));
        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);
        await api.ReadAsync(Schemas, "catch-all");
        await api.ReadAsync(Levels, "exempt");

        TestApi.Refused(await api.PatchAsync(Schemas, "catch-all", """{"spec":{"matchingPrecedence":5}}"""), 422).GetString("message")!.ShouldEndWith("spec of 'catch-all' must equal the fixed value");
        TestApi.Refused(await api.PatchAsync(Levels, "catch-all", """{"spec":{"limited":{"lendablePercent":5}}}"""), 422).GetString("message")!.ShouldEndWith("spec of 'catch-all' must equal the fixed value");
        TestApi.Good(await api.PatchAsync(Levels, "exempt", """{"spec":{"exempt":{"lendablePercent":5}}}"""));
        TestApi.Refused(await api.PatchAsync(Levels, "exempt", """{"spec":{"type":"Limited","exempt":null,"limited":{"limitResponse":{"type":"Reject"}}}}"""), 422).GetString("message")!
            .ShouldContain("spec of 'exempt' except the 'spec.exempt' field must equal the fixed value");
    }

    [Fact]
    public async Task A_schema_says_whether_its_level_exists()
    {
        await using var api = await TestApi.StartAsync();
        Dangling(await api.ReadAsync(Schemas, "probes")).ShouldBe(("False", "This FlowSchema references the PriorityLevelConfiguration object named \"exempt\" and it exists"));

        TestApi.Good(await api.PatchAsync(Schemas, "service-accounts", """{"spec":{"priorityLevelConfiguration":{"name":"gone"}}}"""));
        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);

        Dangling(await api.ReadAsync(Schemas, "service-accounts")).ShouldBe(("True", "This FlowSchema references the PriorityLevelConfiguration object named \"gone\" but there is no such object"));
    }

    [Fact]
    public async Task A_status_write_leaves_the_metadata_alone()
    {
        await using var api = await TestApi.StartAsync();

        var written = TestApi.Good(await api.PatchAsync(Levels, "system", """{"metadata":{"annotations":{"a":"b"},"labels":{"c":"d"}},"status":{"conditions":[{"type":"Fine","status":"True"}]}}""", subresource: "status"));

        written.At("metadata", "labels").ShouldBeNull();
        written.At("metadata", "annotations").ShouldBeOfType<JsonObject>().ContainsKey("a").ShouldBeFalse();
        written.GetObject("status").GetObjects("conditions").ShouldHaveSingleItem().GetString("type").ShouldBe("Fine");
    }

    private static (string?, string?) Dangling(JsonObject schema)
    {
        var condition = schema.GetObject("status").GetObjects("conditions").Single();
        return (condition.GetString("status"), condition.GetString("message"));
    }
}
