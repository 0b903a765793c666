using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class GatedPodSpecs
{
    private const string Affinity = """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}EXTRA]}]}}}""";

    private static string Pod(string more) => $"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{more}containers: [{{name: c, image: i}}]}}}}";

    private static Task<ApiResponse> ChangeAsync(TestApi api, string spec) => api.PatchAsync("pods", "p", $"{{\"spec\":{spec}}}");

    [Fact]
    public async Task Where_a_gated_pod_may_go_can_be_narrowed()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Pod("schedulingGates: [{name: wait}], nodeSelector: {disk: ssd}, "));
        TestApi.Good(await ChangeAsync(api, """{"nodeSelector":{"zone":"a"}}"""));
        TestApi.Refused(await ChangeAsync(api, """{"nodeSelector":{"disk":"tape"}}"""), 422).GetString("message")!
            .ShouldContain("only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        TestApi.Good(await ChangeAsync(api, $$"""{ "affinity": {{Affinity.Replace("EXTRA", "", StringComparison.Ordinal)}} }"""));
        TestApi.Good(await ChangeAsync(api, $$"""{ "affinity": {{Affinity.Replace("EXTRA", """,{"key":"b","operator":"Exists"}""", StringComparison.Ordinal)}} }"""));
        TestApi.Refused(await ChangeAsync(api, $$"""{ "affinity": {{Affinity.Replace("EXTRA", "", StringComparison.Ordinal)}} }"""), 422).GetString("message")!
            .ShouldContain("only additions are allowed (no mutations or deletions)");
        TestApi.Refused(await ChangeAsync(api, """{"affinity":{"podAffinity":{}}}"""), 422).GetString("message")!.ShouldContain("pod updates may not change fields other than");
        TestApi.Good(await ChangeAsync(api, """{"schedulingGates":null}""")).GetObject("spec")!.Has("schedulingGates").ShouldBeFalse();
    }

    [Fact]
    public async Task Where_another_pod_may_go_stays()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Pod(""));
        TestApi.Refused(await ChangeAsync(api, """{"nodeSelector":{"zone":"a"}}"""), 422).GetString("message")!.ShouldContain("pod updates may not change fields other than");
        TestApi.Refused(await ChangeAsync(api, """{"schedulingGates":[{"name":"wait"}]}"""), 422).GetString("message")!.ShouldContain("only deletion is allowed");
    }
}
