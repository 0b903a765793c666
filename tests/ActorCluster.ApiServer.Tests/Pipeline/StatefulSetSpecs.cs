using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class StatefulSetSpecs
{
    private const string StatefulSets = "statefulsets.apps";

    private const string Db =
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {serviceName: db, selector: {matchLabels: {app: db}}, "
        + "template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main, image: nginx}]}}}}";

    [Fact]
    public async Task Only_what_a_running_set_can_follow_may_change()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(StatefulSets, Db);
        TestApi.Good(await api.PatchAsync(StatefulSets, "db",
            """{"spec":{"replicas":3,"ordinals":{"start":2},"minReadySeconds":1,"revisionHistoryLimit":1,"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}"""))
            .IntegerAt("metadata", "generation").ShouldBe(2);
        TestApi.Refused(await api.PatchAsync(StatefulSets, "db", """{"spec":{"podManagementPolicy":"Parallel"}}"""), 422)
            .GetString("message").ShouldBe("StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', "
                + "'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
    }

    [Fact]
    public async Task The_status_is_checked()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(StatefulSets, Db);
        TestApi.Refused(await api.PatchAsync(StatefulSets, "db", """{"status":{"replicas":1,"readyReplicas":1,"availableReplicas":2}}""", subresource: "status"), 422)
            .GetString("message").ShouldBe("StatefulSet.apps \"db\" is invalid: [status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas, "
                + "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas]");
    }

    [Fact]
    public async Task The_scale_shows_and_sets_the_replicas()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(StatefulSets, Db);
        TestApi.Good(await api.PatchAsync(StatefulSets, "db", """{"spec":{"replicas":4}}""", subresource: "scale")).IntegerAt("spec", "replicas").ShouldBe(4);
    }
}
