using System.Text.Json.Nodes;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>Quotas with all controllers together.</summary>
public class ResourceQuotaTests : PatientTestKit
{
    private static Task<V1ResourceQuota> CreateAsync(TestCluster cluster, params (string Name, string Amount)[] hard) => cluster.Client.CreateAsync(new V1ResourceQuota
    {
        Metadata = new V1ObjectMeta { Name = "q", NamespaceProperty = "default", Labels = Make.Labels("team=a") },
        Spec = new V1ResourceQuotaSpec { Hard = hard.ToDictionary(limit => limit.Name, limit => new ResourceQuantity(limit.Amount)) },
    });

    private static string? Used(TestCluster cluster, string name) =>
        cluster.Api.Find<V1ResourceQuota>("default", "q")?.Status?.Used is { } used && used.TryGetValue(name, out var amount) ? amount.ToString() : null;

    [Fact]
    public async Task What_was_there_before_the_quota_is_counted_and_what_goes_is_given_back()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.Pod("early")));
        await CreateAsync(cluster, ("pods", "5"), ("count/configmaps", "5"), ("services", "1"));
        await cluster.Api.UntilAsync(() => (Used(cluster, "pods"), Used(cluster, "count/configmaps"), Used(cluster, "services")) == ("1", "1", "1"));
        cluster.Api.Find<V1ResourceQuota>("default", "q")!.Metadata.Labels.ShouldBe(Make.Labels("team=a"));
        await cluster.Client.DeleteAsync<V1Pod>("default", "early");
        await cluster.Api.UntilAsync(() => Used(cluster, "pods") == "0");
    }

    [Fact]
    public async Task A_pod_that_has_ended_takes_nothing_but_is_still_an_object()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await CreateAsync(cluster, ("pods", "5"), ("count/pods", "5"));
        await cluster.Api.UntilAsync(() => Used(cluster, "pods") == "0");
        await cluster.Client.CreateAsync(Make.Unsaved(Make.Pod("job")));
        Used(cluster, "pods").ShouldBe("1");
        await cluster.Client.PatchAsync<V1Pod>("default", "job", JsonNode.Parse("""{"status":{"phase":"Succeeded"}}""")!, "status");
        await cluster.Api.UntilAsync(() => (Used(cluster, "pods"), Used(cluster, "count/pods")) == ("0", "1"));
    }

    [Fact]
    public async Task A_replica_set_says_that_a_quota_is_in_its_way_and_goes_on_when_there_is_more()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await CreateAsync(cluster, ("pods", "2"));
        await cluster.Api.UntilAsync(() => Used(cluster, "pods") == "0");
        await cluster.Client.CreateAsync(Make.Unsaved(Make.ReplicaSet("web", 3)));
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1ReplicaSet>("default", "web")?.Status?.Conditions?.Any(condition =>
            condition is { Type: "ReplicaFailure", Status: "True", Reason: "FailedCreate" } && condition.Message.Contains("exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2", StringComparison.Ordinal)) == true);
        await cluster.Client.PatchAsync<V1ResourceQuota>("default", "q", JsonNode.Parse("""{"spec":{"hard":{"pods":"3"}}}""")!);
        await cluster.Client.PatchAsync<V1ReplicaSet>("default", "web", JsonNode.Parse("""{"metadata":{"labels":{"again":"1"}}}""")!);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1ReplicaSet>("default", "web")!.Status is { Replicas: 3 } status && status.Conditions?.Any(condition => condition.Type == "ReplicaFailure") != true);
        Used(cluster, "pods").ShouldBe("3");
    }
}
