using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class DaemonSetSpecs
{
    private const string DaemonSets = "daemonsets.apps";
    private const string Revisions = "controllerrevisions.apps";
    private const string TemplateGeneration = "deprecated.daemonset.template.generation";

    private const string Logger =
        "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: logger}, spec: {selector: {matchLabels: {app: logger}}, "
        + "template: {metadata: {labels: {app: logger}}, spec: {containers: [{name: main, image: nginx}]}}}}";

    private const string Image2 = """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"nginx:2"}]}}}}""";

    private static (long? Generation, string? Template) Counts(JsonObject set) =>
        (set.IntegerAt("metadata", "generation"), set.TextAt("metadata", "annotations", TemplateGeneration));

    [Fact]
    public async Task Generations_count_changes_of_the_spec_and_the_annotation_those_of_the_template()
    {
        await using var api = await TestApi.StartAsync();
        Counts(await api.CreatedAsync(DaemonSets, Logger)).ShouldBe((1, "1"));
        Counts(TestApi.Good(await api.PatchAsync(DaemonSets, "logger", """{"spec":{"minReadySeconds":3}}"""))).ShouldBe((2, "1"));
        Counts(TestApi.Good(await api.PatchAsync(DaemonSets, "logger", Image2))).ShouldBe((3, "2"));
        Counts(TestApi.Good(await api.PatchAsync(DaemonSets, "logger", """{"metadata":{"annotations":{"deprecated.daemonset.template.generation":"7"}}}"""))).ShouldBe((3, "2"));
    }

    [Fact]
    public async Task The_status_is_written_apart_and_checked()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(DaemonSets, Logger);
        TestApi.Good(await api.PatchAsync(DaemonSets, "logger", """{"status":{"numberReady":3}}""")).IntegerAt("status", "numberReady").ShouldBe(0);
        var status = TestApi.Good(await api.PatchAsync(DaemonSets, "logger", """{"spec":{"minReadySeconds":3},"status":{"numberReady":3,"collisionCount":2}}""", subresource: "status"));
        (status.IntegerAt("status", "numberReady"), status.IntegerAt("spec", "minReadySeconds"), status.IntegerAt("metadata", "generation")).ShouldBe((3, null, 1));
        TestApi.Refused(await api.PatchAsync(DaemonSets, "logger", """{"status":{"numberReady":-1,"collisionCount":1}}""", subresource: "status"), 422)
            .GetString("message").ShouldBe("DaemonSet.apps \"logger\" is invalid: [status.numberReady: Invalid value: -1: must be greater than or equal to 0, "
                + "status.collisionCount: Invalid value: 1: cannot be decremented]");
    }

    [Fact]
    public async Task The_selector_stays()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(DaemonSets, Logger);
        TestApi.Refused(await api.PatchAsync(DaemonSets, "logger", """{"spec":{"selector":{"matchLabels":{"tier":"x"}},"template":{"metadata":{"labels":{"tier":"x"}}}}}"""), 422)
            .GetString("message").ShouldBe("DaemonSet.apps \"logger\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"logger\",\"tier\":\"x\"}}: field is immutable");
    }

    [Fact]
    public async Task A_revisions_data_stays_and_its_number_and_labels_may_change()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Revisions, "{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: r}, data: {spec: {a: 1}}, revision: 1}");
        TestApi.Good(await api.PatchAsync(Revisions, "r", """{"metadata":{"labels":{"a":"b"}},"revision":4}""")).GetInteger("revision").ShouldBe(4);
        TestApi.Refused(await api.PatchAsync(Revisions, "r", """{"data":{"spec":{"a":2}}}"""), 422)
            .GetString("message").ShouldBe("ControllerRevision.apps \"r\" is invalid: data: Invalid value: {\"spec\":{\"a\":2}}: field is immutable");
    }
}
