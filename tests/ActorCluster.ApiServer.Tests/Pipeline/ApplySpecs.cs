using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

/// <summary>Server-side apply, as test/integration/apiserver/apply of Kubernetes 1.36 has it.</summary>
public sealed class ApplySpecs
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: d, labels: {app: web}}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: main, image: nginx}]}
        """;

    [Fact]
    public async Task An_absent_object_is_created_and_belongs_to_its_applier()
    {
        await using var api = await TestApi.StartAsync();

        var answer = await ApplyAsync(api, "deployments.apps", "d", Deployment, "me");

        answer.StatusCode.ShouldBe(201);
        var entry = Owners(TestApi.Good(answer)).ShouldHaveSingleItem();
        entry.GetString("manager").ShouldBe("me");
        entry.GetString("operation").ShouldBe("Apply");
        entry.GetString("apiVersion").ShouldBe("apps/v1");
        entry.GetString("time").ShouldBe("2026-01-02T03:04:05Z");
        entry["fieldsV1"]!.ToJsonString(JsonDocuments.CompactJson).ShouldBe(
            """{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:image":{},"f:name":{}}}}}}}""");
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_be_and_writes_nothing()
    {
        await using var api = await TestApi.StartAsync();

        var answer = await ApplyAsync(api, "deployments.apps", "d", Deployment, "me", options: new ApiRequestOptions { DryRun = true });

        answer.StatusCode.ShouldBe(201);
        Owners(TestApi.Good(answer)).Count.ShouldBe(1);
        TestApi.Refused(await api.GetAsync("deployments.apps", "d"), 404);
    }

    [Fact]
    public async Task Applying_the_same_again_writes_nothing()
    {
        await using var api = await TestApi.StartAsync();
        var first = TestApi.Good(await ApplyAsync(api, "deployments.apps", "d", Deployment, "me"));
        api.Clock.Advance(TimeSpan.FromMinutes(1));

        var answer = await ApplyAsync(api, "deployments.apps", "d", Deployment, "me");

        answer.StatusCode.ShouldBe(200);
        TestApi.Good(answer).ToJsonString().ShouldBe(first.ToJsonString());
    }

    [Fact]
    public async Task Anothers_field_is_a_conflict_with_its_causes_until_it_is_forced()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreateAsync("deployments.apps", Deployment, new ApiRequestOptions { FieldManager = "kubectl" });
        const string change = "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 5}}";

        var status = TestApi.Refused(await ApplyAsync(api, "deployments.apps", "d", change, "me"), 409);
        status.GetString("message").ShouldBe("Apply failed with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas");
        status.GetString("reason").ShouldBe("Conflict");
        status["details"]!.ToJsonString(JsonDocuments.CompactJson).ShouldBe(
            """{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using apps/v1","field":".spec.replicas"}]}""");

        var forced = TestApi.Good(await ApplyAsync(api, "deployments.apps", "d", change, "me", force: true));
        forced.IntegerAt("spec", "replicas").ShouldBe(5);
        forced.IntegerAt("metadata", "generation").ShouldBe(2);
        Fields(forced, "me").ShouldBe("""{"f:spec":{"f:replicas":{}}}""");
        Fields(forced, "kubectl").ShouldNotContain("f:replicas");
    }

    [Fact]
    public async Task What_is_applied_no_more_has_its_default_again_and_nobody()
    {
        await using var api = await TestApi.StartAsync();
        await ApplyAsync(api, "deployments.apps", "d", Deployment, "me");

        var changed = TestApi.Good(await ApplyAsync(api, "deployments.apps", "d", Deployment.Replace("  replicas: 3\n", "", StringComparison.Ordinal), "me"));

        changed.IntegerAt("spec", "replicas").ShouldBe(1);
        Fields(changed, "me").ShouldNotContain("f:replicas");
    }

    [Theory]
    [InlineData(null, Deployment, 422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")]
    [InlineData("me", "{apiVersion: v1, kind: Deployment}", 400, "invalid object type: /v1, Kind=Deployment")]
    [InlineData("me", "{apiVersion: apps/v1, kind: Deployment, metadata: {managedFields: []}}", 400, "metadata.managedFields must be nil")]
    [InlineData("me", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replica: 1}}", 400,
        "failed to create typed patch object (/d; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema")]
    [InlineData("me", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: e}}", 400, "the name of the object (e) does not match the name on the URL (d)")]
    [InlineData("me", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, uid: 1d6c7a55-9e1b-4c0a-a1dd-7a6c4e4ad3c1}}", 409,
        "Operation cannot be fulfilled on deployments.apps \"d\": uid mismatch: the provided object specified uid 1d6c7a55-9e1b-4c0a-a1dd-7a6c4e4ad3c1, and no existing object was found")]
    public async Task What_cant_be_applied_is_refused(string? manager, string configuration, int code, string message)
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await ApplyAsync(api, "deployments.apps", "d", configuration, manager), code).GetString("message").ShouldBe(message);
    }

    [Fact]
    public async Task An_older_state_that_the_configuration_names_is_a_conflict()
    {
        await using var api = await TestApi.StartAsync();
        await ApplyAsync(api, "deployments.apps", "d", Deployment, "me");

        var status = TestApi.Refused(await ApplyAsync(api, "deployments.apps", "d", "{apiVersion: apps/v1, kind: Deployment, metadata: {resourceVersion: \"1\"}}", "other"), 409);

        status.GetString("message")!.ShouldContain("the object has been modified");
    }

    [Fact]
    public async Task A_status_is_applied_through_its_own_door_and_owned_there()
    {
        await using var api = await TestApi.StartAsync();
        await ApplyAsync(api, "deployments.apps", "d", Deployment, "me");
        const string status = "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 9}, status: {conditions: [{type: Odd, status: \"True\"}]}}";

        var applied = TestApi.Good(await ApplyAsync(api, "deployments.apps", "d", status, "watcher", force: true, subresource: "status"));

        applied.IntegerAt("spec", "replicas").ShouldBe(3);
        applied.GetObject("status").GetObjects("conditions").Single().GetString("type").ShouldBe("Odd");
        Entry(applied, "watcher").GetString("subresource").ShouldBe("status");
        Fields(applied, "watcher").ShouldBe("""{"f:status":{"f:conditions":{"k:{\"type\":\"Odd\"}":{".":{},"f:status":{},"f:type":{}}}}}""");
        Fields(applied, "me").ShouldContain("f:replicas");
        Fields(TestApi.Good(await ApplyAsync(api, "deployments.apps", "d", Deployment + "\nstatus: {replicas: 7}\n", "me")), "me").ShouldNotContain("f:status");
        TestApi.Refused(await ApplyAsync(api, "deployments.apps", "none", status, "watcher", subresource: "status"), 404);
    }

    [Fact]
    public async Task Who_scales_owns_the_replicas_of_the_object()
    {
        await using var api = await TestApi.StartAsync();
        await ApplyAsync(api, "deployments.apps", "d", Deployment, "me");
        const string scale = "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: d}, spec: {replicas: 4}}";

        var status = TestApi.Refused(await ApplyAsync(api, "deployments.apps", "d", scale, "scaler", subresource: "scale"), 409);
        status.GetString("message").ShouldBe("Apply failed with 1 conflict: conflict with \"me\": .spec.replicas");
        TestApi.Good(await ApplyAsync(api, "deployments.apps", "d", scale, "scaler", force: true, subresource: "scale")).IntegerAt("spec", "replicas").ShouldBe(4);

        var scaled = await api.ReadAsync("deployments.apps", "d");
        Fields(scaled, "scaler").ShouldBe("""{"f:spec":{"f:replicas":{}}}""");
        Entry(scaled, "scaler").GetString("apiVersion").ShouldBe("apps/v1");
        Entry(scaled, "scaler").GetString("subresource").ShouldBe("scale");
        Fields(scaled, "me").ShouldNotContain("f:replicas");

        await api.PatchAsync("deployments.apps", "d", """{"spec":{"replicas":6}}""", subresource: "scale", options: new ApiRequestOptions { FieldManager = "autoscaler" });
        var again = await api.ReadAsync("deployments.apps", "d");
        Fields(again, "autoscaler").ShouldBe("""{"f:spec":{"f:replicas":{}}}""");
        Owners(again).ShouldNotContain(o => o.GetString("manager") == "scaler");
    }

    [Fact]
    public async Task Owners_in_one_version_are_told_what_changes_in_another()
    {
        await using var api = await TestApi.StartAsync();
        const string v1 = "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {maxReplicas: 5, targetCPUUtilizationPercentage: 50, scaleTargetRef: {kind: Deployment, name: d, apiVersion: apps/v1}}}";
        TestApi.Good(await ApplyAsync(api, "horizontalpodautoscalers.autoscaling", "h", v1, "me", version: "v1"));
        const string v2 = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {maxReplicas: 6}}";

        var status = TestApi.Refused(await ApplyAsync(api, "horizontalpodautoscalers.autoscaling", "h", v2, "other", version: "v2"), 409);
        status.GetString("message").ShouldBe("Apply failed with 1 conflict: conflict with \"me\": .spec.maxReplicas");
        var taken = TestApi.Good(await ApplyAsync(api, "horizontalpodautoscalers.autoscaling", "h", v2, "other", force: true, version: "v2"));
        Entry(taken, "me").GetString("apiVersion").ShouldBe("autoscaling/v1");
        Fields(taken, "me").ShouldBe("""{"f:spec":{"f:scaleTargetRef":{},"f:targetCPUUtilizationPercentage":{}}}""");

        var moved = TestApi.Good(await ApplyAsync(api, "horizontalpodautoscalers.autoscaling", "h",
            "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {minReplicas: 2, scaleTargetRef: {kind: Deployment, name: d, apiVersion: apps/v1}}}", "me", version: "v2"));
        Entry(moved, "me").GetString("apiVersion").ShouldBe("autoscaling/v2");
        moved.IntegerAt("spec", "maxReplicas").ShouldBe(6);
    }

    [Fact]
    public async Task Every_resource_that_can_be_patched_can_be_applied()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var definition in ResourceRegistry.BuiltIn().All.Where(d => d.Verbs.Contains("patch")))
        {
            foreach (var version in definition.Versions)
            {
                var type = $"apiVersion: {ResourceDefinition.ApiVersion(definition.Name.Group, version.Name)}, kind: {definition.Kind}";
                var answer = await ApplyAsync(api, definition.Name.ToString(), "x", $"{{{type}, metadata: {{name: x, labels: {{a: b}}}}}}", "me", version: version.Name, definition: definition);
                // Most lack what they need; that is for their validation to say.
                answer.StatusCode.ShouldBeOneOf(200, 201, 400, 403, 409, 422);
                answer.StatusCode.ShouldNotBe(400, System.Text.Encoding.UTF8.GetString(answer.Body.Span));
            }
        }
    }

    internal static Task<ApiResponse> ApplyAsync(
        TestApi api, string resource, string name, string yaml, string? manager, bool force = false, string subresource = "", string? version = null, ApiRequestOptions? options = null,
        ResourceDefinition? definition = null)
    {
        definition ??= ResourceRegistry.BuiltIn().Find(ResourceName.Parse(resource))!;
        return api.SendAsync(new ApiRequest(
            ApiVerb.Patch, definition.Name, definition.Namespaced ? "default" : "", name, subresource, version, YamlDocuments.ToJson(yaml), PatchType.Apply,
            (options ?? new ApiRequestOptions()) with { FieldManager = manager, Force = force }));
    }

    internal static List<JsonObject> Owners(JsonObject obj) => [.. obj.GetObject("metadata").GetObjects("managedFields")];

    internal static JsonObject Entry(JsonObject obj, string manager) => Owners(obj).Single(o => o.GetString("manager") == manager);

    internal static string Fields(JsonObject obj, string manager) => Entry(obj, manager)["fieldsV1"]!.ToJsonString(JsonDocuments.CompactJson);
}
