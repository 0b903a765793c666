using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class ReplicationControllerSpecs
{
    private const string Controllers = "replicationcontrollers";

    private const string Web =
        "{apiVersion: v1, kind: ReplicationController, metadata: {name: web}, spec: {replicas: 2, "
        + "template: {metadata: {labels: {tier: front, app: web}}, spec: {containers: [{name: main, image: nginx}]}}}}";

    [Fact]
    public async Task The_scale_shows_the_selector_and_sets_the_replicas()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Controllers, Web);
        var scale = TestApi.Good(await api.PatchAsync(Controllers, "web", """{"spec":{"replicas":4}}""", subresource: "scale"));
        scale.IntegerAt("spec", "replicas").ShouldBe(4);
        scale.TextAt("status", "selector").ShouldBe("app=web,tier=front");
    }

    [Fact]
    public async Task The_status_is_checked()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Controllers, Web);
        TestApi.Refused(await api.PatchAsync(Controllers, "web", """{"status":{"replicas":1,"readyReplicas":1,"availableReplicas":2}}""", subresource: "status"), 422)
            .GetString("message").ShouldBe("ReplicationController \"web\" is invalid: [status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas, "
                + "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas]");
    }

    [Theory]
    [InlineData(null, "orphan")]
    [InlineData("Foreground", "foregroundDeletion")]
    public async Task A_deletion_that_says_nothing_leaves_the_pods(string? policy, string finalizer)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Controllers, Web);
        var marked = TestApi.Good(await api.DeleteAsync(Controllers, "web", new ApiRequestOptions { PropagationPolicy = policy }));
        (marked.At("metadata") as System.Text.Json.Nodes.JsonObject).GetStrings("finalizers").ShouldBe([finalizer]);
    }

    [Fact]
    public async Task A_deletion_in_the_background_is_done_at_once()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Controllers, Web);
        TestApi.Good(await api.DeleteAsync(Controllers, "web", new ApiRequestOptions { PropagationPolicy = "Background" }));
        TestApi.Refused(await api.GetAsync(Controllers, "web"), 404);
    }
}
