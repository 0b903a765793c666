using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class ResourceQuotaSpecs
{
    private const string Quotas = "resourcequotas";

    /// <summary>A quota as its controller leaves it: the limits are in its status, and nothing is used.</summary>
    private static async Task<TestApi> WithQuotaAsync(string hard, string zeros, string extra = "")
    {
        var api = await TestApi.StartAsync();
        await api.CreatedAsync(Quotas, $"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: q}}, spec: {{hard: {{{hard}}} {extra}}}}}");
        TestApi.Good(await api.PatchAsync(Quotas, "q", Encoding.UTF8.GetString(YamlDocuments.ToJson($"{{status: {{hard: {{{hard}}}, used: {{{zeros}}}}}}}").Span), subresource: "status"));
        return api;
    }

    private static string Pod(string name, string resources) => $$"""
        {apiVersion: v1, kind: Pod, metadata: {name: {{name}} }, spec: {containers: [ {name: main, image: nginx, resources: { {{resources}} } } ] } }
        """;

    [Fact]
    public async Task What_is_made_takes_of_the_quota_and_what_would_exceed_it_is_refused_in_upstreams_words()
    {
        await using var api = await WithQuotaAsync("pods: '2', requests.cpu: '1', memory: 1Gi", "pods: '0', requests.cpu: '0', memory: '0'");
        await api.CreatedAsync("pods", Pod("a", "requests: {cpu: 600m, memory: 512Mi}"));
        (await api.ReadAsync(Quotas, "q")).At("status", "used")!.ToJsonString().ShouldBe("""{"memory":"512Mi","pods":"1","requests.cpu":"600m"}""");

        TestApi.Refused(await api.CreateAsync("pods", Pod("b", "requests: {cpu: 500m, memory: 513Mi}")), 403).GetString("message").ShouldBe(
            "pods \"b\" is forbidden: exceeded quota: q, requested: memory=513Mi,requests.cpu=500m, used: memory=512Mi,requests.cpu=600m, limited: memory=1Gi,requests.cpu=1");
        TestApi.Refused(await api.CreateAsync("pods", Pod("b", "limits: {memory: 1Mi}")), 403).GetString("message").ShouldBe(
            "pods \"b\" is forbidden: failed quota: q: must specify requests.cpu for: main");
        (await api.ReadAsync(Quotas, "q")).TextAt("status", "used", "pods").ShouldBe("1");
    }

    [Fact]
    public async Task A_resize_takes_of_the_quota_and_gives_back_only_what_its_container_no_longer_has()
    {
        await using var api = await WithQuotaAsync("requests.cpu: '1', limits.cpu: '2'", "requests.cpu: '0', limits.cpu: '0'");
        await api.CreatedAsync("pods", Pod("a", "requests: {cpu: 600m}, limits: {cpu: '1'}"));
        TestApi.Refused(await ResizeAsync("1100m", "1500m"), 403).GetString("message").ShouldBe(
            "pods \"a\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1");
        TestApi.Good(await ResizeAsync("800m", "1500m"));
        (await UsedAsync()).ShouldBe("""{"limits.cpu":"1500m","requests.cpu":"800m"}""");

        // Its node has set that aside, and the container has got it.
        TestApi.Good(await api.PatchAsync("pods", "a",
            """{"status":{"containerStatuses":[{"name":"main","allocatedResources":{"cpu":"800m"},"resources":{"requests":{"cpu":"800m"},"limits":{"cpu":"1500m"}}}]}}""", subresource: "status"));
        TestApi.Good(await ResizeAsync("100m", "200m"));
        (await UsedAsync()).ShouldBe("""{"limits.cpu":"1500m","requests.cpu":"800m"}""");

        Task<ApiResponse> ResizeAsync(string request, string limit) => api.PatchAsync(
            "pods", "a", $$$$"""{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"{{{{request}}}}"},"limits":{"cpu":"{{{{limit}}}}"}}}]}}""", PatchType.Strategic, "resize");

        async Task<string> UsedAsync() => (await api.ReadAsync(Quotas, "q")).At("status", "used")!.ToJsonString();
    }

    [Fact]
    public async Task A_quota_whose_use_is_not_known_yet_lets_nothing_through()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Quotas, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {configmaps: '1', count/secrets: '1'}}}");
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("before-it-has-limits"));
        TestApi.Good(await api.PatchAsync(Quotas, "q", """{"status":{"hard":{"configmaps":"1","count/secrets":"1"}}}""", subresource: "status"));
        TestApi.Refused(await api.CreateAsync("configmaps", Manifests.ConfigMap("a")), 403).GetString("message").ShouldBe(
            "configmaps \"a\" is forbidden: status unknown for quota: q, resources: configmaps");
    }

    [Theory]
    [InlineData("pods", """
        {apiVersion: v1, kind: Pod, metadata: {name: NAME, labels: {app: web}}, spec: {automountServiceAccountToken: false, containers: [{name: main, image: nginx}], topologySpreadConstraints: [
          {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {tier: front}}, matchLabelKeys: [app]}]}}
        """)]
    [InlineData("jobs.batch", "{apiVersion: batch/v1, kind: Job, metadata: {name: NAME}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: nginx}]}}}}")]
    public async Task Who_comes_second_to_a_quota_is_made_as_if_it_were_alone(string resource, string manifest)
    {
        await using var api = await WithQuotaAsync($"count/{resource}: '2'", $"count/{resource}: '0'");
        var alone = await api.CreatedAsync(resource, manifest.Replace("NAME", "alone", StringComparison.Ordinal), ns: "default");
        TestApi.Good(await api.DeleteAsync(resource, "alone"));
        TestApi.Good(await api.PatchAsync(Quotas, "q", $"{{\"status\":{{\"used\":{{\"count/{resource}\":\"0\"}}}}}}", subresource: "status"));

        var overtaken = api.NewPipeline(store => new OvertakenStore(store, () => api.CreatedAsync(resource, manifest.Replace("NAME", "first", StringComparison.Ordinal))));
        var second = TestApi.Good(await overtaken.SendAsync(new ApiRequest(
            ApiVerb.Create, ResourceName.Parse(resource), "default", Body: YamlDocuments.ToJson(manifest.Replace("NAME", "second", StringComparison.Ordinal)))));
        (await api.ReadAsync(Quotas, "q")).TextAt("status", "used", $"count/{resource}").ShouldBe("2");
        Shape(second).ShouldBe(Shape(alone).Replace("alone", "second", StringComparison.Ordinal));

        static string Shape(JsonObject obj) => obj["spec"]!.ToJsonString().Replace(obj.TextAt("metadata", "uid")!, "UID", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_of_any_kind_are_counted()
    {
        await using var api = await WithQuotaAsync("count/deployments.apps: '1', secrets: '0'", "count/deployments.apps: '0', secrets: '0'");
        await api.CreatedAsync("deployments.apps", Manifests.Deployment("one"));
        TestApi.Refused(await api.CreateAsync("deployments.apps", Manifests.Deployment("two")), 403).GetString("message").ShouldBe(
            "deployments.apps \"two\" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1");
        TestApi.Refused(await api.CreateAsync("secrets", "{apiVersion: v1, kind: Secret, metadata: {name: s}}"), 403);
        TestApi.Good(await api.PatchAsync("deployments.apps", "one", """{"spec":{"replicas":7}}"""));
    }

    [Fact]
    public async Task A_service_takes_node_ports_and_load_balancers_when_its_type_changes_too()
    {
        await using var api = await WithQuotaAsync("services: '2', services.nodeports: '1', services.loadbalancers: '0'", "services: '0', services.nodeports: '0', services.loadbalancers: '0'");
        await api.CreatedAsync("services", Manifests.Service("web"));
        TestApi.Good(await api.PatchAsync("services", "web", """{"spec":{"type":"NodePort"}}"""));
        (await api.ReadAsync(Quotas, "q")).TextAt("status", "used", "services.nodeports").ShouldBe("1");
        TestApi.Refused(await api.PatchAsync("services", "web", """{"spec":{"type":"LoadBalancer"}}"""), 403).GetString("message").ShouldBe(
            "services \"web\" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0");
        TestApi.Refused(await api.CreateAsync("services", Manifests.Service("other", "type: NodePort")), 403);
    }

    [Fact]
    public async Task Only_pods_within_the_scopes_count()
    {
        await using var api = await WithQuotaAsync("pods: '1'", "pods: '0'", ", scopes: [BestEffort, NotTerminating]");
        await api.CreatedAsync("pods", Pod("burstable", "requests: {cpu: 1m}"));
        await api.CreatedAsync("pods", Pod("best-effort", ""));
        TestApi.Refused(await api.CreateAsync("pods", Pod("another", "")), 403);
        await api.CreatedAsync("pods", Manifests.Pod("ends", "  activeDeadlineSeconds: 60"));
        (await api.ReadAsync(Quotas, "q")).TextAt("status", "used", "pods").ShouldBe("1");
    }

    [Fact]
    public async Task A_scope_selector_takes_pods_by_their_priority_class()
    {
        const string selector = ", scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [system-node-critical]}]}";
        await using var api = await WithQuotaAsync("pods: '0'", "pods: '0'", selector);
        await api.CreatedAsync("pods", Manifests.Pod("usual"));
        TestApi.Refused(await api.CreateAsync("pods", Manifests.Pod("critical", "  priorityClassName: system-node-critical")), 403);
    }

    [Fact]
    public async Task Claims_take_storage_altogether_and_of_their_class()
    {
        const string hard = "requests.storage: 10Gi, gold.storageclass.storage.k8s.io/requests.storage: 2Gi, gold.storageclass.storage.k8s.io/persistentvolumeclaims: '9'";
        const string zeros = "requests.storage: '0', gold.storageclass.storage.k8s.io/requests.storage: '0', gold.storageclass.storage.k8s.io/persistentvolumeclaims: '0'";
        await using var api = await WithQuotaAsync(hard, zeros);
        await api.CreatedAsync("persistentvolumeclaims", Claim("a", "gold", "1Gi"));
        TestApi.Refused(await api.CreateAsync("persistentvolumeclaims", Claim("b", "gold", "1.5Gi")), 403).GetString("message").ShouldBe(
            "persistentvolumeclaims \"b\" is forbidden: exceeded quota: q, requested: gold.storageclass.storage.k8s.io/requests.storage=1536Mi, "
            + "used: gold.storageclass.storage.k8s.io/requests.storage=1Gi, limited: gold.storageclass.storage.k8s.io/requests.storage=2Gi");
        await api.CreatedAsync("persistentvolumeclaims", Claim("c", "silver", "8Gi"));

        static string Claim(string name, string storageClass, string size) =>
            $"{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: {name}}}, spec: {{storageClassName: {storageClass}, accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {size}}}}}}}}}";
    }

    [Fact]
    public async Task Writers_at_the_same_time_do_not_exceed_a_quota_together()
    {
        await using var api = await WithQuotaAsync("configmaps: '3'", "configmaps: '0'");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => api.CreateAsync("configmaps", Manifests.ConfigMap($"c-{number}"))));
        answers.Count(answer => answer.IsSuccess).ShouldBe(3);
        (await api.ReadAsync(Quotas, "q")).TextAt("status", "used", "configmaps").ShouldBe("3");
    }

    [Theory]
    [InlineData("hard: {frobs: '1'}", "spec.hard[frobs]: Invalid value: \"frobs\": must be a standard resource for quota")]
    [InlineData("hard: {pods: '-1'}", "spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("hard: {pods: '1.5'}", "spec.hard[pods]: Invalid value: \"1500m\": must be an integer")]
    [InlineData("hard: {pods: '1'}, scopes: [BestEffort, NotBestEffort]", "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes")]
    [InlineData("hard: {services: '1'}, scopes: [Terminating]", "spec.scopes: Invalid value: [\"Terminating\"]: unsupported scope applied to resource")]
    [InlineData("hard: {pods: '1'}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In}]}",
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
    public async Task A_quota_that_makes_no_sense_is_refused(string spec, string fault)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.CreateAsync(Quotas, $"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: q}}, spec: {{{spec}}}}}");
        TestApi.Refused(answer, 422).GetString("message").ShouldBe($"ResourceQuota \"q\" is invalid: {fault}");
    }

    [Fact]
    public async Task Its_scopes_stay()
    {
        await using var api = await WithQuotaAsync("pods: '1'", "pods: '0'", ", scopes: [BestEffort]");
        TestApi.Refused(await api.PatchAsync(Quotas, "q", """{"spec":{"scopes":["NotBestEffort"]}}"""), 422).GetString("message")!.ShouldContain("field is immutable");
    }

    /// <summary>Someone else is faster than the first that commits something.</summary>
    private sealed class OvertakenStore(IObjectStore store, Func<Task> overtake) : IObjectStore
    {
        private int _commits;

        public string? WriteFault => store.WriteFault;

        public IStoreSnapshot Snapshot => store.Snapshot;

        public async Task<CommitResult> CommitAsync(IReadOnlyList<Mutation> mutations, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _commits) == 1) await overtake();
            return await store.CommitAsync(mutations, cancellationToken);
        }

        public IStoreWatch Watch(ResourceName resource, string? @namespace, long afterRevision, FieldValue? only = null) => store.Watch(resource, @namespace, afterRevision, only);
    }
}
