using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Store;
using ActorCluster.Store.Backends;

namespace ActorCluster.Benchmarks.Api;

/// <summary>A node agent's writes of a pod's status through the pipeline, against the same for a pod that nobody's ownership is kept of.</summary>
internal sealed class OwnershipBenchmark : IBenchmark
{
    private static readonly ResourceName Pods = new("", "pods");

    public string Id => "api-ownership";
    public string Subject => "status writes of a pod whose managers are kept, without HTTP and disk";
    public string Yardstick => "the same of a pod whose managers aren't";
    public Bar Bar => Bar.AtLeast(0.4);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var simulation = SimulationContext.RealTime(1);
        await using var store = await ObjectStore.OpenAsync(new MemoryBackend(), simulation, cancellationToken: cancellationToken);
        var pipeline = new ApiPipeline(store, ResourceRegistry.BuiltIn(), simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(pipeline, cancellationToken);
        var kept = await MakeAsync(pipeline, "kept", "{}");
        var forgotten = await MakeAsync(pipeline, "forgotten", """{"metadata":{"managedFields":[{}]}}""");
        var number = 0;
        var result = await SideBySide.MeasureAsync(settings, "writes/s",
            () => LoadLoop.RunAsync(1, settings.Turn, _ => WriteStatusAsync(pipeline, "kept", Interlocked.Increment(ref number))),
            () => LoadLoop.RunAsync(1, settings.Turn, _ => WriteStatusAsync(pipeline, "forgotten", Interlocked.Increment(ref number))));
        return result with { Note = $"the pod has {kept} bytes, without its managers {forgotten}" };
    }

    /// <returns>The bytes of the pod once its status was written.</returns>
    private static async Task<int> MakeAsync(ApiPipeline pipeline, string name, string patch)
    {
        await SendAsync(pipeline, ApiVerb.Create, "", Encoding.UTF8.GetBytes($$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","labels":{"app":"web","pod-template-hash":"5d8c9"}},
             "spec":{"nodeName":"worker-1","containers":[{"name":"main","image":"nginx","ports":[{"containerPort":80}],"env":[{"name":"A","value":"b"}],
              "readinessProbe":{"httpGet":{"path":"/","port":80} } }] } }
            """));
        await SendAsync(pipeline, ApiVerb.Patch, name, Encoding.UTF8.GetBytes(patch));
        await WriteStatusAsync(pipeline, name, 0);
        return (await SendAsync(pipeline, ApiVerb.Get, name, default)).Length;
    }

    private static Task<ReadOnlyMemory<byte>> WriteStatusAsync(ApiPipeline pipeline, string name, int number)
    {
        var conditions = new JsonArray();
        foreach (var type in (ReadOnlySpan<string>)["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"])
        {
            conditions.Add((JsonNode)new JsonObject { ["type"] = type, ["status"] = number % 2 == 0 ? "True" : "False", ["lastTransitionTime"] = "2026-01-01T00:00:00Z" });
        }
        var status = new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = "10.244.0.7",
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = "10.244.0.7" }),
            ["message"] = number.ToString(CultureInfo.InvariantCulture),
            ["conditions"] = conditions,
            ["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = "main", ["ready"] = number % 2 == 0, ["restartCount"] = 0, ["image"] = "nginx", ["imageID"] = "nginx" }),
        };
        return SendAsync(pipeline, ApiVerb.Patch, name, Encoding.UTF8.GetBytes(new JsonObject { ["status"] = status }.ToJsonString()), "status");
    }

    private static async Task<ReadOnlyMemory<byte>> SendAsync(ApiPipeline pipeline, ApiVerb verb, string name, ReadOnlyMemory<byte> body, string subresource = "")
    {
        var answer = await pipeline.SendAsync(new ApiRequest(
            verb, Pods, "default", name, subresource, Body: body, PatchType: verb == ApiVerb.Patch ? PatchType.Merge : PatchType.None, Options: new ApiRequestOptions { User = "system:node:worker-1" }));
        return answer.IsSuccess ? answer.Body : throw new InvalidOperationException(Encoding.UTF8.GetString(answer.Body.Span));
    }
}
