using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class LimitRangeSpecs
{
    private static string Range(string items) => $"{{apiVersion: v1, kind: LimitRange, metadata: {{name: l}}, spec: {{limits: [{items}]}}}}";

    private static string Pod(string resources, string init = "") =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{init}containers: [{{name: c, image: i, resources: {{{resources}}}}}]}}}}";

    private static async Task<string> RefusedAsync(TestApi api, string resources, string init = "") =>
        TestApi.Refused(await api.CreateAsync("pods", Pod(resources, init)), 403).GetString("message")!;

    [Fact]
    public async Task What_containers_leave_out_comes_from_the_range_and_decides_the_quality_of_service()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("limitranges", Range("{type: Container, default: {cpu: 500m, memory: 500Mi}, defaultRequest: {cpu: 100m}}"));

        var pod = await api.CreatedAsync("pods", Pod("requests: {memory: 150Mi}", "initContainers: [{name: i, image: i, resources: {limits: {cpu: 300m}}}], "));
        var container = pod.GetObject("spec").GetObjects("containers").Single().GetObject("resources")!;
        container.ToJsonString().ShouldBe("""{"requests":{"memory":"150Mi","cpu":"100m"},"limits":{"cpu":"500m","memory":"500Mi"}}""");
        pod.GetObject("spec").GetObjects("initContainers").Single().GetObject("resources")!.ToJsonString()
            .ShouldBe("""{"limits":{"cpu":"300m","memory":"500Mi"},"requests":{"cpu":"300m","memory":"500Mi"}}""");
        pod.TextAt("metadata", "annotations", "kubernetes.io/limit-ranger").ShouldBe(
            "LimitRanger plugin set: cpu request for container c; cpu, memory limit for container c; memory request for init container i; memory limit for init container i");
        pod.TextAt("status", "qosClass").ShouldBe("Burstable");
    }

    [Fact]
    public async Task Containers_outside_the_range_are_refused_with_every_reason()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("limitranges", Range("{type: Container, min: {cpu: 50m}, max: {cpu: 500m, memory: 1Gi}, maxLimitRequestRatio: {cpu: 2}}"));

        (await RefusedAsync(api, "requests: {cpu: 10m}, limits: {cpu: 600m}")).ShouldBe(
            "pods \"p\" is forbidden: [minimum cpu usage per Container is 50m, but request is 10m, maximum cpu usage per Container is 500m, but limit is 600m, "
            + "cpu max limit to request ratio per Container is 2, but provided ratio is 60.000000]");
        (await RefusedAsync(api, "requests: {cpu: 100m, memory: 2Gi}, limits: {cpu: 100m, memory: 2Gi}"))
            .ShouldBe("pods \"p\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi");
        TestApi.Good(await api.CreateAsync("pods", Pod("requests: {cpu: 100m}, limits: {cpu: 200m}")));
    }

    [Fact]
    public async Task A_pods_sum_counts_init_containers_where_they_need_more()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("limitranges", Range("{type: Pod, max: {cpu: 1}}"));

        (await RefusedAsync(api, "")).ShouldBe("pods \"p\" is forbidden: maximum cpu usage per Pod is 1.  No limit is specified");
        (await RefusedAsync(api, "limits: {cpu: 500m}", "initContainers: [{name: i, image: i, resources: {limits: {cpu: 2}}}], "))
            .ShouldBe("pods \"p\" is forbidden: maximum cpu usage per Pod is 1, but limit is 2");
        TestApi.Good(await api.CreateAsync("pods", Pod("limits: {cpu: 500m}")));
    }

    [Fact]
    public async Task Claims_keep_to_the_range_too()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("limitranges", Range("{type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {storage: 2Gi}}"));

        static string Claim(string size) => $"{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: d}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {size}}}}}}}}}";
        TestApi.Refused(await api.CreateAsync("persistentvolumeclaims", Claim("500Mi")), 403).GetString("message")
            .ShouldBe("persistentvolumeclaims \"d\" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi");
        TestApi.Refused(await api.CreateAsync("persistentvolumeclaims", Claim("3Gi")), 403).GetString("message")
            .ShouldBe("persistentvolumeclaims \"d\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi");
        TestApi.Good(await api.CreateAsync("persistentvolumeclaims", Claim("1Gi")));
    }
}
