using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

/// <summary>ephemeralcontainers and resize of pods.</summary>
public class PodPartSpecs
{
    private const string Debugger = """{"spec":{"ephemeralContainers":[{"name":"debugger","image":"busybox","targetContainerName":"main","stdin":true,"tty":true}]}}""";

    [Fact]
    public async Task A_container_to_look_around_is_added_and_nothing_else_changes()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("web"));

        var patched = TestApi.Good(await api.PatchAsync("pods", "web",
            """{"metadata":{"labels":{"new":"label"}},"spec":{"containers":[{"name":"main","image":"other"}],"ephemeralContainers":[{"name":"debugger","image":"busybox"}]}}""", PatchType.Strategic, "ephemeralcontainers"));

        var container = patched.GetObject("spec").GetObjects("ephemeralContainers").Single();
        container.GetString("imagePullPolicy").ShouldBe("Always");
        container.GetString("terminationMessagePolicy").ShouldBe("File");
        patched.GetObject("spec").GetObjects("containers").Single().GetString("image").ShouldBe("nginx");
        (patched.At("metadata", "labels") as JsonObject)!.ContainsKey("new").ShouldBeFalse();
        patched.IntegerAt("metadata", "generation").ShouldBe(2);
    }

    [Fact]
    public async Task One_that_is_there_stays_as_it_is_and_others_may_come()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("web"));
        TestApi.Good(await api.PatchAsync("pods", "web", Debugger, PatchType.Strategic, "ephemeralcontainers"));
        TestApi.Good(await api.PatchAsync("pods", "web", Debugger.Replace("debugger", "second", StringComparison.Ordinal), PatchType.Strategic, "ephemeralcontainers"))
            .GetObject("spec").GetObjects("ephemeralContainers").Select(c => c.GetString("name")).ShouldBe(["second", "debugger"], ignoreOrder: true);

        TestApi.Refused(await api.PatchAsync("pods", "web", """{"spec":{"ephemeralContainers":null}}""", subresource: "ephemeralcontainers"), 422).GetString("message")!
            .ShouldContain("spec.ephemeralContainers: Forbidden: existing ephemeral containers \"debugger\" may not be removed\n");
        TestApi.Refused(await api.PatchAsync("pods", "web", """{"spec":{"ephemeralContainers":[{"name":"debugger","image":"alpine"}]}}""", PatchType.Strategic, "ephemeralcontainers"), 422).GetString("message")!
            .ShouldContain("existing ephemeral containers \"debugger\" may not be changed\n");
        TestApi.Refused(await api.PatchAsync("pods", "web", """{"spec":{"ephemeralContainers":[{"name":"third","image":"alpine"}]}}""", PatchType.Strategic), 422).GetString("message")!
            .ShouldContain("pod updates may not change fields other than");
    }

    [Fact]
    public async Task It_is_no_container_to_depend_on()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("web"));

        TestApi.Refused(await api.PatchAsync("pods", "web",
            """{"spec":{"ephemeralContainers":[{"name":"main","image":"busybox","targetContainerName":"nobody","ports":[{"containerPort":80}],"livenessProbe":{"exec":{"command":["true"]}}}]}}""",
            PatchType.Strategic, "ephemeralcontainers"), 422).GetObject("details").GetObjects("causes").Select(c => $"{c.GetString("field")}: {c.GetString("message")}").ShouldBe(
        [
            "spec.ephemeralContainers[0].name: Duplicate value: \"main\"",
            "spec.ephemeralContainers[0].targetContainerName: Not found: \"nobody\"",
            "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
            "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
        ]);
    }

    [Fact]
    public async Task Who_adds_one_owns_that_and_nothing_else()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("web"));

        var patched = TestApi.Good(await api.PatchAsync("pods", "web", Debugger, PatchType.Strategic, "ephemeralcontainers", new ApiRequestOptions { FieldManager = "kubectl-debug" }));

        var entry = (patched.At("metadata") as JsonObject).GetObjects("managedFields").Single(e => e.GetString("manager") == "kubectl-debug");
        entry.GetString("subresource").ShouldBe("ephemeralcontainers");
        entry.GetObject("fieldsV1")!.Select(p => p.Key).ShouldBe(["f:spec"]);
        (entry.At("fieldsV1", "f:spec") as JsonObject)!.Select(p => p.Key).ShouldBe(["f:ephemeralContainers"]);
    }

    [Fact]
    public async Task Resources_change_and_nothing_else()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Sized("web", "100m"));

        var resized = TestApi.Good(await ResizeAsync(api, """{"spec":{"containers":[{"name":"main","image":"other","resources":{"requests":{"cpu":"200m"},"limits":{"cpu":"400m"}}}]}}"""));

        var container = resized.GetObject("spec").GetObjects("containers").Single();
        container.TextAt("resources", "requests", "cpu").ShouldBe("200m");
        container.TextAt("resources", "limits", "cpu").ShouldBe("400m");
        container.GetString("image").ShouldBe("nginx");
        resized.IntegerAt("metadata", "generation").ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":null}}}]}}""", "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData("""{"spec":{"containers":[{"name":"main","resources":{"requests":{"ephemeral-storage":"1Gi"}}}]}}""", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("""{"spec":{"containers":[{"name":"main","resources":{"limits":{"cpu":"100m","memory":"1Gi"},"requests":{"memory":"1Gi"}}}]}}""", "Pod QOS Class may not change as a result of resizing")]
    [InlineData("""{"spec":{"containers":[{"name":"second","image":"nginx"}]}}""", "spec: Forbidden: containers may not be added or removed on resize")]
    public async Task What_can_not_be_resized_is_refused(string patch, string fault)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Sized("web", "100m"));

        TestApi.Refused(await ResizeAsync(api, patch), 422).GetString("message")!.ShouldContain(fault);
    }

    [Fact]
    public async Task More_than_the_node_has_at_all_is_refused_at_once()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("nodes", "{apiVersion: v1, kind: Node, metadata: {name: n1}}");
        TestApi.Good(await api.PatchAsync("nodes", "n1", """{"status":{"allocatable":{"cpu":"1500m","memory":"1Gi"}}}""", subresource: "status"));
        await api.CreatedAsync("pods", Sized("web", "100m", "nodeName: n1, "));

        TestApi.Good(await ResizeAsync(api, """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"1500m"}}}]}}"""));
        var refused = TestApi.Refused(await ResizeAsync(api, """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"1501m","memory":"2Gi"}}}]}}"""), 403);
        refused.GetString("message").ShouldBe(
            "pods \"web\" is forbidden: node didn't have enough allocatable resources: cpu, requested: 1501, allocatable: 1500; memory, requested: 2147483648, allocatable: 1073741824");
        refused.At("details", "causes")!.ToJsonString().ShouldBe("""[{"reason":"NodeCapacity"}]""");
    }

    [Fact]
    public async Task A_resize_on_a_node_that_is_not_there_is_refused()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Sized("web", "100m", "nodeName: gone, "));

        TestApi.Refused(await ResizeAsync(api, """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"200m"}}}]}}"""), 403)
            .GetString("message").ShouldBe("pods \"web\" is forbidden: node \"gone\" not found");
        TestApi.Good(await ResizeAsync(api, """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"100m"}}}]}}"""));
    }

    [Fact]
    public async Task A_resize_keeps_to_the_ranges_of_its_namespace()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Sized("web", "100m"));
        await api.CreatedAsync("limitranges", "{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, min: {cpu: 50m}}]}}");

        TestApi.Refused(await ResizeAsync(api, """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"10m"}}}]}}"""), 403)
            .GetString("message").ShouldBe("pods \"web\" is forbidden: minimum cpu usage per Container is 50m, but request is 10m");
        TestApi.Good(await ResizeAsync(api, """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"60m"}}}]}}"""));
        TestApi.Good(await api.PatchAsync("pods", "web", """{"metadata":{"labels":{"a":"b"}}}"""));
    }

    private static string Sized(string name, string cpu, string extra = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}} }
        spec: { {{extra}}containers: [{name: main, image: nginx, resources: {requests: {cpu: {{cpu}} } } }] }
        """;

    private static Task<ApiResponse> ResizeAsync(TestApi api, string patch) => api.PatchAsync("pods", "web", patch, PatchType.Strategic, "resize");
}
