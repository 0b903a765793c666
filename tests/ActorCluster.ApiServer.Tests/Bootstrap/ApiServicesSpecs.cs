using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.ApiServer.CustomResources;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Bootstrap;

public class ApiServicesSpecs
{
    private const string Services = "apiservices.apiregistration.k8s.io";
    private const string Definitions = "customresourcedefinitions.apiextensions.k8s.io";

    [Fact]
    public async Task Each_group_version_that_is_served_has_one_that_is_available()
    {
        await using var api = await TestApi.StartAsync();

        var core = await api.ReadAsync(Services, "v1.", ns: "");
        core.IntegerAt("spec", "groupPriorityMinimum").ShouldBe(18_000);
        core.GetObject("status").GetObjects("conditions").Single().GetString("message").ShouldBe("Local APIServices are always available");
        (await api.NamesAsync(Services, ns: "")).ShouldBe(api.Pipeline.Registry.All
            .SelectMany(d => d.Versions.Select(v => $"{v.Name}.{d.Name.Group}")).Distinct().Where(name => name != "v1.apiregistration.k8s.io").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task That_of_custom_resources_comes_and_goes_with_them()
    {
        await using var api = await TestApi.StartAsync();
        await using var keeper = CustomResourceKeeper.Start(api.Pipeline, api.Simulation);
        var changed = new TaskCompletionSource();
        api.Pipeline.Registry.Changed += () => changed.TrySetResult();
        TestApi.Good(await api.CreateAsync(Definitions,
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: tabs.example.com}
            spec:
              group: example.com
              scope: Cluster
              names: {plural: tabs, kind: Tab}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
            """, ns: ""));
        await changed.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);
        (await api.ReadAsync(Services, "v1.example.com", ns: "")).IntegerAt("spec", "versionPriority").ShouldBe(100);

        api.Pipeline.Registry.Unregister(new("example.com", "tabs"));
        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);
        TestApi.Refused(await api.GetAsync(Services, "v1.example.com", ns: ""), 404);
    }

    [Fact]
    public async Task One_of_another_server_is_kept_and_nobody_says_that_it_is_available()
    {
        await using var api = await TestApi.StartAsync();
        var made = await api.CreatedAsync(Services,
            """
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1.other.example.com}
            spec: {group: other.example.com, version: v1, groupPriorityMinimum: 1000, versionPriority: 15, service: {namespace: default, name: other}}
            """, ns: "");
        made.IntegerAt("spec", "service", "port").ShouldBe(443);
        made.GetObject("status").GetObjects("conditions").ShouldBeEmpty();
        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);
        await api.ReadAsync(Services, "v1.other.example.com", ns: "");
    }

    [Theory]
    [InlineData("{group: a.b, version: v1, groupPriorityMinimum: 1, versionPriority: 1}", "metadata.name: Invalid value: \"v1.example.com\": must be `spec.version+\".\"+spec.group`: \"v1.a.b\"")]
    [InlineData("{group: example.com, version: v1, versionPriority: 1001}", "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000")]
    [InlineData("{group: example.com, version: v1, groupPriorityMinimum: 1, versionPriority: 1001}", "spec.versionPriority: Invalid value: 1001: must be positive and less than 1000")]
    [InlineData("{group: example.com, version: v1, groupPriorityMinimum: 1, versionPriority: 1, caBundle: YQ==}", "spec.caBundle: Invalid value: \"1 bytes\": local APIServices may not have a caBundle")]
    [InlineData("{group: example.com, version: v1, groupPriorityMinimum: 1, versionPriority: 1, service: {name: a, port: 70000}}", "spec.service.namespace: Required value")]
    public async Task One_that_makes_no_sense_is_refused_in_upstreams_words(string spec, string message)
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await api.CreateAsync(Services, $"{{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {{name: v1.example.com}}, spec: {spec}}}", ns: ""), 422)
            .GetString("message")!.ShouldContain(message);
    }
}
