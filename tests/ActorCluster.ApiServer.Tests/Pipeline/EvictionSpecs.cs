using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class EvictionSpecs
{
    private const string Budgets = "poddisruptionbudgets.policy";
    private const string Ready = """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""";
    private const string Running = """{"status":{"phase":"Running"}}""";

    private static async Task<TestApi> StartAsync(string status, string policy = "")
    {
        var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {app: web}}, spec: {nodeName: node-1, containers: [{name: c, image: i}]}}");
        TestApi.Good(await api.PatchAsync("pods", "p", status, subresource: "status"));
        await api.CreatedAsync(Budgets, $"{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: b}}, spec: {{minAvailable: 1, {policy}selector: {{matchLabels: {{app: web}}}}}}}}");
        return api;
    }

    private static Task<ApiResponse> EvictAsync(TestApi api, string options = "{}", bool dryRun = false) => api.SendAsync(new ApiRequest(
        ApiVerb.Create, new ResourceName("", "pods"), "default", "p", "eviction", Options: new ApiRequestOptions { DryRun = dryRun },
        Body: TestApi.Bytes(JsonNode.Parse($$"""{ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": "p" }, "deleteOptions": {{options}} }""")!)));

    private static async Task SetBudgetAsync(TestApi api, int allowed, int healthy, int desired, int generation = 1) =>
        TestApi.Good(await api.PatchAsync(Budgets, "b",
            $$"""{ "status": { "observedGeneration": {{generation}}, "disruptionsAllowed": {{allowed}}, "currentHealthy": {{healthy}}, "desiredHealthy": {{desired}} } }""", subresource: "status"));

    private static string CauseOf(JsonObject status) => status.GetObject("details").GetObjects("causes").Single() is var cause
        ? $"{cause.GetString("reason")}: {cause.GetString("message")}"
        : "";

    [Fact]
    public async Task A_budget_that_the_controller_has_not_seen_yet_refuses_and_says_when_to_try_again()
    {
        await using var api = await StartAsync(Ready);
        var status = TestApi.Refused(await EvictAsync(api), 429);
        status.GetString("message").ShouldBe("Cannot evict pod as it would violate the pod's disruption budget.");
        CauseOf(status).ShouldBe("DisruptionBudget: The disruption budget b is still being processed by the server.");
        status.IntegerAt("details", "retryAfterSeconds").ShouldBe(10);
    }

    [Fact]
    public async Task A_budget_that_is_used_up_refuses_and_says_why()
    {
        await using var api = await StartAsync(Ready);
        await SetBudgetAsync(api, allowed: 0, healthy: 1, desired: 1);
        CauseOf(TestApi.Refused(await EvictAsync(api), 429)).ShouldBe("DisruptionBudget: The disruption budget b needs 1 healthy pods and has 1 currently");
        ObjectMetadata.Of(await api.ReadAsync("pods", "p")).IsDeleting.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_allowed_is_taken_once_noted_and_leaves_a_condition_on_the_pod()
    {
        await using var api = await StartAsync(Ready);
        await SetBudgetAsync(api, allowed: 1, healthy: 2, desired: 1);
        (await EvictAsync(api)).StatusCode.ShouldBe(201);

        var budget = await api.ReadAsync(Budgets, "b");
        budget.IntegerAt("status", "disruptionsAllowed").ShouldBe(0);
        budget.TextAt("status", "disruptedPods", "p").ShouldNotBeNull();
        var allowed = budget.GetObject("status").GetObjects("conditions").Single();
        allowed.GetString("reason").ShouldBe("InsufficientPods");
        var pod = await api.ReadAsync("pods", "p");
        ObjectMetadata.Of(pod).IsDeleting.ShouldBeTrue();
        pod.GetObject("status").GetObjects("conditions").Single(c => c.GetString("type") == "DisruptionTarget").GetString("reason").ShouldBe("EvictionByEvictionAPI");
        // It is on its way: asking again takes nothing more.
        (await EvictAsync(api)).StatusCode.ShouldBe(201);
    }

    [Fact]
    public async Task A_dry_run_asks_the_budget_and_changes_nothing()
    {
        await using var api = await StartAsync(Ready);
        await SetBudgetAsync(api, allowed: 1, healthy: 2, desired: 1);
        (await EvictAsync(api, dryRun: true)).StatusCode.ShouldBe(201);
        (await EvictAsync(api, """{"dryRun":["All"]}""")).StatusCode.ShouldBe(201);
        (await api.ReadAsync(Budgets, "b")).IntegerAt("status", "disruptionsAllowed").ShouldBe(1);
        ObjectMetadata.Of(await api.ReadAsync("pods", "p")).IsDeleting.ShouldBeFalse();
        await SetBudgetAsync(api, allowed: 0, healthy: 1, desired: 1);
        TestApi.Refused(await EvictAsync(api, dryRun: true), 429);
    }

    [Theory]
    [InlineData("", 0, 1, false)]
    [InlineData("", 1, 1, true)]
    [InlineData("unhealthyPodEvictionPolicy: AlwaysAllow, ", 0, 1, true)]
    public async Task Pods_that_are_not_ready_may_go_where_the_others_are_enough_or_the_policy_says_so(string policy, int healthy, int desired, bool goes)
    {
        await using var api = await StartAsync(Running, policy);
        await SetBudgetAsync(api, allowed: 0, healthy, desired);
        (await EvictAsync(api)).StatusCode.ShouldBe(goes ? 201 : 429);
        (await api.ReadAsync(Budgets, "b")).GetObject("status")!.Has("disruptedPods").ShouldBeFalse();
    }

    [Fact]
    public async Task Preconditions_that_do_not_hold_are_conflicts_before_anything_is_taken()
    {
        await using var api = await StartAsync(Ready);
        await SetBudgetAsync(api, allowed: 1, healthy: 2, desired: 1);
        TestApi.Refused(await EvictAsync(api, """{"preconditions":{"uid":"another"}}"""), 409);
        (await api.ReadAsync(Budgets, "b")).IntegerAt("status", "disruptionsAllowed").ShouldBe(1);
        var revision = ObjectMetadata.Of(await api.ReadAsync("pods", "p")).ResourceVersion;
        (await EvictAsync(api, $$"""{ "preconditions": { "resourceVersion": "{{revision}}" } }""")).StatusCode.ShouldBe(201);
    }

    [Fact]
    public async Task Two_budgets_for_a_pod_are_one_too_many()
    {
        await using var api = await StartAsync(Ready);
        await api.CreatedAsync(Budgets, "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: everything}, spec: {minAvailable: 0, selector: {}}}");
        TestApi.Refused(await EvictAsync(api), 500).GetString("message")
            .ShouldBe("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    }
}
