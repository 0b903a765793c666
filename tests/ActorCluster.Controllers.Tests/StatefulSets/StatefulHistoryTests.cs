using System.Text.Json.Nodes;
using ActorCluster.Controllers.StatefulSets;
using ActorCluster.Controllers.Tests.Cluster;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.StatefulSets;

public class StatefulHistoryTests : PatientTestKit
{
    [Fact]
    public async Task A_revision_that_a_predecessor_left_behind_is_taken_under_its_name_and_one_of_another_template_is_a_collision()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 0);
        await cluster.StopControllersAsync(); // what is left behind stays as it is
        var first = await BringUpAsync(cluster, Make.StatefulSet("db", 2));
        await PatchAsync(cluster, first, """{"metadata":{"ownerReferences":null}}""");

        var second = await BringUpAsync(cluster, Make.StatefulSet("db", 2));
        (second.Update.Metadata.Uid, second.CollisionCount).ShouldBe((first.Update.Metadata.Uid, 0));

        await cluster.Client.DeleteAsync<V1ControllerRevision>("default", first.Update.Metadata.Name);
        await cluster.Client.CreateAsync(new V1ControllerRevision { Metadata = new V1ObjectMeta { Name = first.Update.Metadata.Name, NamespaceProperty = "default" }, Revision = 1, Data = new { spec = new { } } });
        var third = await BringUpAsync(cluster, Make.StatefulSet("db", 2));
        third.CollisionCount.ShouldBe(1);
        third.Update.Metadata.Name.ShouldNotBe(first.Update.Metadata.Name);
    }

    private static Task<StatefulHistory> BringUpAsync(TestCluster cluster, V1StatefulSet set) => StatefulHistory.BringUpAsync(cluster.Client, set, [], _ => { }, CancellationToken.None);

    private static Task<V1ControllerRevision?> PatchAsync(TestCluster cluster, StatefulHistory history, string patch) =>
        cluster.Client.PatchAsync<V1ControllerRevision>("default", history.Update.Metadata.Name, JsonNode.Parse(patch)!);
}
