using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class RuntimeClassSpecs
{
    private const string Classes = "runtimeclasses.node.k8s.io";

    private static string Pod(string more) => $"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{more}containers: [{{name: c, image: i}}]}}}}";

    private static async Task<TestApi> StartAsync()
    {
        var api = await TestApi.StartAsync();
        await api.CreatedAsync(Classes,
            "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: vm}, handler: kata, overhead: {podFixed: {memory: 120Mi}}, "
            + "scheduling: {nodeSelector: {vm: \"yes\"}, tolerations: [{key: vm, operator: Exists}]}}");
        return api;
    }

    [Fact]
    public async Task A_pod_of_a_class_gets_its_overhead_and_where_it_can_run()
    {
        await using var api = await StartAsync();
        var spec = (await api.CreatedAsync("pods", Pod("runtimeClassName: vm, nodeSelector: {disk: ssd}, "))).GetObject("spec")!;
        spec.TextAt("overhead", "memory").ShouldBe("120Mi");
        spec.GetStringMap("nodeSelector").ShouldBe(new SortedDictionary<string, string> { ["disk"] = "ssd", ["vm"] = "yes" });
        spec.GetObjects("tolerations").ShouldContain(toleration => toleration.GetString("key") == "vm");
    }

    [Theory]
    [InlineData("runtimeClassName: none, ", "pod rejected: RuntimeClass \"none\" not found")]
    [InlineData("overhead: {memory: 1Mi}, ", "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")]
    [InlineData("runtimeClassName: vm, overhead: {memory: 1Mi}, ", "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")]
    [InlineData("runtimeClassName: vm, nodeSelector: {vm: \"no\"}, ", "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no")]
    public async Task What_contradicts_the_class_is_refused(string more, string why)
    {
        await using var api = await StartAsync();
        TestApi.Refused(await api.CreateAsync("pods", Pod(more)), 403).GetString("message").ShouldBe($"pods \"p\" is forbidden: {why}");
    }

    [Fact]
    public async Task A_class_needs_a_handler_which_stays()
    {
        await using var api = await StartAsync();
        TestApi.Refused(await api.CreateAsync(Classes, "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: x}}"), 422).GetString("message")
            .ShouldBe("RuntimeClass.node.k8s.io \"x\" is invalid: handler: Required value");
        TestApi.Refused(await api.PatchAsync(Classes, "vm", """{"handler":"other"}"""), 422).GetString("message")
            .ShouldBe("RuntimeClass.node.k8s.io \"vm\" is invalid: handler: Invalid value: \"other\": field is immutable");
    }
}
