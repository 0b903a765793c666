using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class PodTemplateSpecs
{
    private const string Templates = "podtemplates";

    private static string Template(string name, string containers = "{name: main, image: nginx}") =>
        $"{{apiVersion: v1, kind: PodTemplate, metadata: {{name: {name}}}, template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{containers}]}}}}}}";

    [Fact]
    public async Task A_template_is_completed_as_a_pods_spec_and_counts_its_generations()
    {
        await using var api = await TestApi.StartAsync();
        var made = await api.CreatedAsync(Templates, Template("t"));
        (made.TextAt("template", "spec", "restartPolicy"), made.IntegerAt("metadata", "generation")).ShouldBe(("Always", 1));
        TestApi.Good(await api.PatchAsync(Templates, "t", """{"metadata":{"labels":{"a":"b"}}}""")).IntegerAt("metadata", "generation").ShouldBe(1);
        TestApi.Good(await api.PatchAsync(Templates, "t", """{"template":{"metadata":{"labels":{"app":"other"}}}}""", PatchType.Strategic)).IntegerAt("metadata", "generation").ShouldBe(2);
    }

    [Fact]
    public async Task What_is_no_template_of_a_pod_is_refused()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await api.CreateAsync(Templates, Template("t", "{name: main}")), 422).GetString("message").ShouldBe(
            "PodTemplate \"t\" is invalid: template.spec.containers[0].image: Required value");
    }

    [Fact]
    public async Task Pages_of_templates_are_of_one_revision()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var name in (string[])["a", "b", "c"]) await api.CreatedAsync(Templates, Template(name));
        var first = TestApi.Good(await api.ListAsync(Templates, new ApiRequestOptions { Limit = 2 }));
        first.IntegerAt("metadata", "remainingItemCount").ShouldBe(1);
        var second = TestApi.Good(await api.ListAsync(Templates, new ApiRequestOptions { Limit = 2, Continue = first.TextAt("metadata", "continue") }));
        second.GetObjects("items").Single().TextAt("metadata", "name").ShouldBe("c");
        second.TextAt("metadata", "resourceVersion").ShouldBe(first.TextAt("metadata", "resourceVersion"));
    }
}
