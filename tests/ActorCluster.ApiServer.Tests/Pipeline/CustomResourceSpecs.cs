using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.CustomResources;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.CustomResources;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public sealed class CustomResourceSpecs : IAsyncLifetime
{
    private const string Definitions = "customresourcedefinitions.apiextensions.k8s.io";
    private const string CronTabs = "crontabs.stable.example.com";

    private const string CronTabDefinition =
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: crontabs.stable.example.com}
        spec:
          group: stable.example.com
          scope: Namespaced
          names: {plural: crontabs, kind: CronTab, shortNames: [ct]}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    properties:
                      cronSpec: {type: string}
                      replicas: {type: integer, minimum: 1, default: 1}
                  status: {type: object, properties: {replicas: {type: integer}}}
            selectableFields: [{jsonPath: .spec.cronSpec}]
            subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
        """;

    private TestApi _api = null!;
    private CustomResourceKeeper _keeper = null!;

    public async Task InitializeAsync()
    {
        _api = await TestApi.StartAsync();
        _keeper = CustomResourceKeeper.Start(_api.Pipeline, _api.Simulation);
    }

    public async Task DisposeAsync()
    {
        await _keeper.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_definition_is_established_with_its_names()
    {
        await _api.CreatedAsync(Definitions, CronTabDefinition);
        var crd = await EstablishedAsync();
        DefinitionConditions.IsTrue(crd, "NamesAccepted").ShouldBeTrue();
        crd.TextAt("status", "acceptedNames", "listKind").ShouldBe("CronTabList");
        crd.GetObject("status").GetStrings("storedVersions").ShouldBe(["v1"]);
    }

    [Fact]
    public async Task What_belongs_to_no_namespace_is_kept_without_one_and_can_be_patched()
    {
        await _api.CreatedAsync(Definitions, CronTabDefinition.Replace("scope: Namespaced", "scope: Cluster", StringComparison.Ordinal));
        await EstablishedAsync();
        var made = await _api.CreatedAsync(CronTabs, """{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"a","namespace":""},"spec":{"cronSpec":"x"}}""", ns: "");
        made.GetObject("metadata")!.ContainsKey("namespace").ShouldBeFalse();
        var patch = """[{"op":"add","path":"/spec/cronSpec","value":"y"}]"""u8.ToArray();
        var answer = await _api.Pipeline.SendAsync(new ApiRequest(ApiVerb.Patch, ResourceName.Parse(CronTabs), Name: "a", Body: patch, PatchType: PatchType.Json));
        TestApi.Good(answer).TextAt("spec", "cronSpec").ShouldBe("y");
    }

    [Fact]
    public async Task A_custom_resource_is_defaulted_pruned_and_checked()
    {
        await _api.CreatedAsync(Definitions, CronTabDefinition);
        await EstablishedAsync();
        var obj = await _api.CreatedAsync(CronTabs, CronTab("a", "cronSpec: x, unknown: 1"));
        obj.GetObject("spec")!.ToJsonString().ShouldBe("""{"cronSpec":"x","replicas":1}""");
        TestApi.Refused(await _api.CreateAsync(CronTabs, CronTab("b", "replicas: 0")), 422).GetString("message")
            .ShouldBe("CronTab.stable.example.com \"b\" is invalid: spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1");
        TestApi.Refused(await _api.CreateAsync(CronTabs, CronTab("b", "unknown: 1"), new ApiRequestOptions { FieldValidation = "Strict" }), 400).GetString("message")!
            .ShouldEndWith("strict decoding error: unknown field \"spec.unknown\"");
        (await _api.NamesAsync(CronTabs, new ApiRequestOptions { FieldSelector = "spec.cronSpec=x" })).ShouldBe(["a"]);
        (await _api.NamesAsync(CronTabs, new ApiRequestOptions { FieldSelector = "spec.cronSpec=y" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_spec_alone()
    {
        await _api.CreatedAsync(Definitions, CronTabDefinition);
        await EstablishedAsync();
        await _api.CreatedAsync(CronTabs, CronTab("a", "cronSpec: x"));
        TestApi.Good(await _api.PatchAsync(CronTabs, "a", """{"status":{"replicas":2}}""", subresource: "status")).IntegerAt("metadata", "generation").ShouldBe(1);
        TestApi.Good(await _api.PatchAsync(CronTabs, "a", """{"spec":{"replicas":4}}""", subresource: "scale")).IntegerAt("status", "replicas").ShouldBe(2);
        var scaled = await _api.ReadAsync(CronTabs, "a");
        scaled.IntegerAt("spec", "replicas").ShouldBe(4);
        scaled.IntegerAt("metadata", "generation").ShouldBe(2);
    }

    [Fact]
    public async Task What_is_registered_is_served_again_by_another_server_on_the_same_store()
    {
        await _api.CreatedAsync(Definitions, CronTabDefinition);
        await EstablishedAsync();
        await _api.CreatedAsync(CronTabs, CronTab("a", "cronSpec: x"));
        var request = new ApiRequest(ApiVerb.Get, ResourceName.Parse(CronTabs), "default", "a");
        TestApi.Good(await _api.NewPipeline().SendAsync(request)).TextAt("spec", "cronSpec").ShouldBe("x");
    }

    [Fact]
    public async Task A_deleted_definition_takes_its_objects_with_it()
    {
        await _api.CreatedAsync(Definitions, CronTabDefinition);
        await EstablishedAsync();
        await _api.CreatedAsync(CronTabs, CronTab("a", "cronSpec: x"));
        var gone = UntilAsync((type, _) => type == WatchEventType.Deleted);
        TestApi.Good(await _api.DeleteAsync(Definitions, CronTabs)).GetObject("metadata").GetStrings("finalizers").ShouldBe([DefinitionConditions.CleanupFinalizer]);
        await gone;
        TestApi.Refused(await _api.GetAsync(Definitions, CronTabs), 404);
        _api.Pipeline.Store.Snapshot.Count(ResourceName.Parse(CronTabs)).ShouldBe(0);
    }

    [Fact]
    public async Task A_definition_that_makes_no_sense_is_refused()
    {
        var message = TestApi.Refused(await _api.CreateAsync(Definitions, CronTabDefinition.Replace("storage: true", "storage: false").Replace("group: stable.example.com", "group: other.example.com")), 422).GetString("message")!;
        message.ShouldContain("metadata.name: Invalid value: \"crontabs.stable.example.com\": must be spec.names.plural+\".\"+spec.group");
        message.ShouldContain("must have exactly one version marked as storage version");
    }

    private static string CronTab(string name, string spec) => $"{{apiVersion: stable.example.com/v1, kind: CronTab, metadata: {{name: {name}}}, spec: {{{spec}}}}}";

    private Task<JsonObject> EstablishedAsync() => UntilAsync((type, crd) => type != WatchEventType.Deleted && DefinitionConditions.IsTrue(crd, "Established"));

    private async Task<JsonObject> UntilAsync(Func<WatchEventType, JsonObject, bool> isIt)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var change in _api.Pipeline.WatchAsync(new WatchRequest(ResourceName.Parse(Definitions)), patience.Token))
        {
            var crd = (JsonObject)JsonNode.Parse(change.Object.Span)!;
            if (isIt(change.Type, crd)) return crd;
        }
        throw new InvalidOperationException("the watch ended");
    }
}
