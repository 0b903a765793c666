using System.Text;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class AutoscalingSpecs
{
    private const string Autoscalers = "horizontalpodautoscalers.autoscaling";
    private const string Minimal = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}";

    [Fact]
    public async Task An_autoscaler_goes_by_80_per_cent_of_CPU_unless_it_says_otherwise_and_a_behavior_is_completed()
    {
        await using var api = await TestApi.StartAsync();
        var made = await api.CreatedAsync(Autoscalers, Minimal);
        made.At("spec", "metrics")!.ToJsonString().ShouldBe("""[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]""");
        made.IntegerAt("spec", "minReplicas").ShouldBe(1);
        var patched = TestApi.Good(await api.PatchAsync(Autoscalers, "h", """{"spec":{"behavior":{"scaleUp":{"stabilizationWindowSeconds":9}}}}"""));
        patched.At("spec", "behavior", "scaleUp", "policies")!.AsArray().Count.ShouldBe(2);
        patched.TextAt("spec", "behavior", "scaleDown", "selectPolicy").ShouldBe("Max");
    }

    [Fact]
    public async Task The_first_version_shows_CPU_alone_and_loses_nothing_of_the_rest()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Autoscalers, Minimal);
        TestApi.Good(await api.PatchAsync(Autoscalers, "h", """
            {"spec":{"metrics":[{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}},
            {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}
            """));
        var first = TestApi.Good(await api.SendAsync(new ApiRequest(ApiVerb.Get, ResourceName.Parse(Autoscalers), "default", "h", Version: "v1")));
        (first.GetString("apiVersion"), first.IntegerAt("spec", "targetCPUUtilizationPercentage"), first.At("spec", "metrics")).ShouldBe(("autoscaling/v1", 50L, null));

        var patch = new ApiRequest(ApiVerb.Patch, ResourceName.Parse(Autoscalers), "default", "h", Version: "v1", Body: Encoding.UTF8.GetBytes("""{"spec":{"targetCPUUtilizationPercentage":60}}"""), PatchType: PatchType.Merge);
        TestApi.Good(await api.SendAsync(patch)).IntegerAt("spec", "targetCPUUtilizationPercentage").ShouldBe(60);
        var second = await api.ReadAsync(Autoscalers, "h");
        second.GetObject("spec").GetObjects("metrics").Select(metric => metric.TextAt("resource", "name")).ShouldBe(["cpu", "memory"]);
        second.GetObject("spec").GetObjects("metrics").First().IntegerAt("resource", "target", "averageUtilization").ShouldBe(60);
        ObjectMetadata.Of(second).Annotations.ShouldBeNull();
    }

    [Theory]
    [InlineData("maxReplicas: 0", "spec.maxReplicas: Required value: must be set and greater than 0")]
    [InlineData("maxReplicas: 2, minReplicas: 3", "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`")]
    [InlineData("maxReplicas: 2, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization}}}]",
        "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization")]
    [InlineData("maxReplicas: 2, behavior: {scaleUp: {stabilizationWindowSeconds: 3601}}", "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600")]
    public async Task An_autoscaler_that_makes_no_sense_is_refused(string spec, string fault)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.CreateAsync(Autoscalers, $"{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: h}}, spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, {spec}}}}}");
        TestApi.Refused(answer, 422).GetString("message")!.ShouldContain(fault);
    }

    [Fact]
    public async Task Pods_and_nodes_use_what_the_annotations_of_running_pods_say()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("nodes", "{apiVersion: v1, kind: Node, metadata: {name: n1}}");
        await api.CreatedAsync("nodes", "{apiVersion: v1, kind: Node, metadata: {name: empty}}");
        await RunAsync(api, "busy", "labels: {load: high}, annotations: {kwok.x-k8s.io/usage-cpu: 250m, kwok.x-k8s.io/usage-memory: 64Mi}");
        await RunAsync(api, "idle", "");
        await api.CreatedAsync("pods", Manifests.Pod("pending"));

        (await api.NamesAsync("pods.metrics.k8s.io")).ShouldBe(["busy", "idle"]);
        (await api.NamesAsync("pods.metrics.k8s.io", new ApiRequestOptions { LabelSelector = "load" })).ShouldBe(["busy"]);
        (await api.NamesAsync("pods.metrics.k8s.io", new ApiRequestOptions { FieldSelector = "metadata.name=idle" })).ShouldBe(["idle"]);
        var nodes = TestApi.Good(await api.ListAsync("nodes.metrics.k8s.io", ns: "")).GetObjects("items").Select(node => (node.TextAt("metadata", "name"), node.TextAt("usage", "cpu")));
        nodes.ShouldBe([("empty", "0"), ("n1", "251m")]);
        var busy = await api.ReadAsync("pods.metrics.k8s.io", "busy");
        busy.GetObjects("containers").Single().At("usage")!.ToJsonString().ShouldBe("""{"cpu":"250m","memory":"64Mi"}""");
        (busy.GetString("kind"), busy.GetString("window"), busy.GetString("timestamp")).ShouldBe(("PodMetrics", "15s", "2026-01-02T03:04:05Z"));
        (await api.ReadAsync("nodes.metrics.k8s.io", "n1")).At("usage")!.ToJsonString().ShouldBe("""{"cpu":"251m","memory":"65Mi"}""");
        TestApi.Refused(await api.GetAsync("pods.metrics.k8s.io", "pending"), 404);
        TestApi.Refused(await api.DeleteAsync("pods.metrics.k8s.io", "busy"), 405);

        static async Task RunAsync(TestApi api, string name, string metadata)
        {
            await api.CreatedAsync("pods", $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, {metadata}}}, spec: {{nodeName: n1, containers: [{{name: main, image: nginx}}]}}}}");
            TestApi.Good(await api.PatchAsync("pods", name,
                """{"status":{"phase":"Running","containerStatuses":[{"name":"main","image":"nginx","imageID":"x","ready":true,"restartCount":0,"state":{"running":{}}}]}}""", subresource: "status"));
        }
    }
}
