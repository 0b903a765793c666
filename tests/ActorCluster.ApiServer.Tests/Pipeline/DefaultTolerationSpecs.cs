using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class DefaultTolerationSpecs
{
    [Fact]
    public async Task An_update_that_writes_tolerations_of_its_own_takes_the_default_ones_away_from_nobody()
    {
        await using var api = await TestApi.StartAsync();
        var pod = await api.CreatedAsync("pods", Manifests.Pod("web"));
        pod.GetObject("spec").GetObjects("tolerations").Select(t => t.GetString("key")).ShouldBe(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);

        pod.GetObject("spec")!["tolerations"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"key":"gpu","operator":"Exists","effect":"NoSchedule"}]""");
        var updated = TestApi.Good(await api.UpdateAsync("pods", pod));

        updated.GetObject("spec").GetObjects("tolerations").Select(t => t.GetString("key")).ShouldBe(["gpu", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);
        updated.IntegerAt("metadata", "generation").ShouldBe(2);
    }
}
