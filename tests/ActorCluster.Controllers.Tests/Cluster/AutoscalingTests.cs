using System.Text.Json.Nodes;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>Autoscalers with all controllers together; pods use what their annotations say.</summary>
public class AutoscalingTests : PatientTestKit
{
    /// <summary>Quick, and memory has no time of initialization to wait for.</summary>
    private static readonly ControllersOptions Options = new()
    {
        Timings = TestCluster.UnhurriedTimings with { HorizontalPodAutoscalerSyncPeriod = TimeSpan.FromMilliseconds(200), HorizontalPodAutoscalerDownscaleStabilization = TimeSpan.FromMilliseconds(300) },
    };

    private static V2HorizontalPodAutoscaler? Autoscaler(TestCluster cluster) => cluster.Api.Find<V2HorizontalPodAutoscaler>("default", "web");

    private static string? Reason(TestCluster cluster, string type) => Autoscaler(cluster)?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type)?.Reason;

    private static Task<V2HorizontalPodAutoscaler> CreateAsync(TestCluster cluster, string kind = "Deployment") => cluster.Client.CreateAsync(new V2HorizontalPodAutoscaler
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" },
        Spec = new V2HorizontalPodAutoscalerSpec
        {
            MaxReplicas = 5,
            ScaleTargetRef = new V2CrossVersionObjectReference { ApiVersion = "apps/v1", Kind = kind, Name = "web" },
            Metrics = [new V2MetricSpec { Type = "Resource", Resource = new V2ResourceMetricSource { Name = "memory", Target = new V2MetricTarget { Type = "AverageValue", AverageValue = new("100Mi") } } }],
        },
    });

    private static async Task SetUsageAsync(TestCluster cluster, string memory)
    {
        foreach (var pod in cluster.Pods("app=web"))
        {
            await cluster.Client.PatchAsync<V1Pod>("default", pod.Metadata.Name, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["kwok.x-k8s.io/usage-memory"] = memory } } });
            var running = new JsonArray(new JsonObject { ["name"] = "main", ["state"] = new JsonObject { ["running"] = new JsonObject() }, ["image"] = "", ["imageID"] = "", ["ready"] = true, ["restartCount"] = 0 });
            await cluster.Client.PatchAsync<V1Pod>("default", pod.Metadata.Name, new JsonObject { ["status"] = new JsonObject { ["containerStatuses"] = running } }, "status");
        }
    }

    [Fact]
    public async Task A_deployment_grows_and_shrinks_with_what_its_pods_use()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2, options: Options);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.Deployment("web", 2)));
        await cluster.Api.UntilAsync(() => cluster.Pods("app=web").Count(pod => pod.Status?.Phase == "Running") == 2);
        await SetUsageAsync(cluster, "200Mi");
        await CreateAsync(cluster);
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(item => item is { Reason: "SuccessfulRescale", Message: "New size: 4; reason: memory resource above target" }));
        await cluster.Api.UntilAsync(() => Autoscaler(cluster)!.Status.CurrentReplicas >= 4 && cluster.Pods("app=web").Count(pod => pod.Status?.Phase == "Running") >= 4);

        await SetUsageAsync(cluster, "10Mi");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Deployment>("default", "web")!.Spec.Replicas == 1 && Autoscaler(cluster)!.Status.CurrentReplicas == 1);
        cluster.Api.List<Corev1Event>().ShouldContain(item => item.Reason == "SuccessfulRescale" && item.Message.EndsWith("reason: All metrics below target", StringComparison.Ordinal));
        Reason(cluster, "ScalingActive").ShouldBe("ValidMetricFound");
    }

    [Fact]
    public async Task What_is_in_an_autoscalers_way_is_in_its_conditions()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1, options: Options);
        await CreateAsync(cluster);
        await cluster.Api.UntilAsync(() => Reason(cluster, "AbleToScale") == "FailedGetScale");
        await cluster.Client.CreateAsync(Make.Unsaved(Make.Deployment("web", 0)));
        await cluster.Api.UntilAsync(() => Reason(cluster, "ScalingActive") == "ScalingDisabled");
        await cluster.Client.PatchAsync<V1Deployment>("default", "web", JsonNode.Parse("""{"spec":{"replicas":9}}""")!);
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(item => item.Message == "New size: 5; reason: Current number of replicas above Spec.MaxReplicas"));
        await cluster.Client.PatchAsync<V2HorizontalPodAutoscaler>("default", "web", JsonNode.Parse(
            """{"spec":{"metrics":[{"type":"Pods","pods":{"metric":{"name":"requests"},"target":{"type":"AverageValue","averageValue":"1"}}}]}}""")!);
        await cluster.Api.UntilAsync(() => Reason(cluster, "ScalingActive") == "FailedGetPodsMetric");
    }
}
