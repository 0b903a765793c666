using System.Globalization;
using System.Text;
using ActorCluster.Api;
using ActorCluster.ApiServer;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;
using ActorCluster.Store;

namespace ActorCluster.Benchmarks.Api;

/// <summary>Pods as a Deployment's are once they run: made once through the API, then put into the store as often as wanted under other names.</summary>
internal static class SamplePods
{
    private const int Batch = 1_000;

    public static readonly ResourceName Resource = new("", "pods");

    /// <summary>Fills the namespace default with pods, each created and then written once more, as by its node.</summary>
    /// <returns>The bytes of their JSON as they are in the end.</returns>
    public static async Task<long> FillAsync(ApiPipeline pipeline, ObjectStore store, int count)
    {
        var sample = Find(store) ?? await MakeAsync(pipeline, store);
        var text = Encoding.UTF8.GetString(sample.Json.Span);
        var bytes = 0L;
        for (var round = 0; round < 2; round++)
        {
            for (var first = 0; first < count; first += Batch)
            {
                var mutations = Enumerable.Range(first, Math.Min(Batch, count - first)).Select(number => Copy(sample, text, number)).ToList();
                if (await store.CommitAsync(mutations) is not CommitResult.Committed committed) throw new InvalidOperationException("There is such a pod already.");
                if (round == 1) bytes += committed.Objects.Sum(pod => (long)pod.Json.Length);
            }
        }
        return bytes;
    }

    private static async Task<StoredObject> MakeAsync(ApiPipeline pipeline, ObjectStore store)
    {
        await SendAsync(pipeline, ApiVerb.Create, "", "", """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"sample","labels":{"app":"web","pod-template-hash":"5d8c9"},
              "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5d8c9","uid":"6f2c7f1e-58c1-4f0c-9d0e-0d7a54ff0000","controller":true,"blockOwnerDeletion":true}]},
             "spec":{"nodeName":"worker-1","containers":[{"name":"main","image":"nginx:1.27","ports":[{"containerPort":80}],"env":[{"name":"A","value":"b"}],
              "resources":{"requests":{"cpu":"100m","memory":"64Mi"}},"readinessProbe":{"httpGet":{"path":"/","port":80} } }] } }
            """);
        await SendAsync(pipeline, ApiVerb.Patch, "sample", "status", """
            {"status":{"phase":"Running","hostIP":"172.18.0.2","hostIPs":[{"ip":"172.18.0.2"}],"podIP":"10.244.0.7","podIPs":[{"ip":"10.244.0.7"},{"ip":"fd00:10:244::7"}],"startTime":"2026-01-01T00:00:00Z","conditions":[
              {"type":"PodReadyToStartContainers","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"},{"type":"Initialized","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"},
              {"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"},{"type":"ContainersReady","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"},
              {"type":"PodScheduled","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}],
              "containerStatuses":[{"name":"main","ready":true,"started":true,"restartCount":0,"image":"nginx:1.27","imageID":"nginx:1.27","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"} } }] } }
            """);
        return Find(store)!;
    }

    private static StoredObject? Find(ObjectStore store) => store.Snapshot.Get(new ObjectKey(Resource, "default", "sample"));

    private static async Task SendAsync(ApiPipeline pipeline, ApiVerb verb, string name, string subresource, string body)
    {
        var answer = await pipeline.SendAsync(new ApiRequest(
            verb, Resource, "default", name, subresource, Body: Encoding.UTF8.GetBytes(body), PatchType: verb == ApiVerb.Patch ? PatchType.Merge : PatchType.None, Options: new ApiRequestOptions { User = "system:node:worker-1" }));
        if (!answer.IsSuccess) throw new InvalidOperationException(Encoding.UTF8.GetString(answer.Body.Span));
    }

    private static Mutation.Put Copy(StoredObject sample, string text, int number)
    {
        var name = $"web-5d8c9-{number.ToString("x5", CultureInfo.InvariantCulture)}";
        var uid = $"6f2c7f1e-58c1-4f0c-9d0e-{number.ToString("x12", CultureInfo.InvariantCulture)}";
        var json = Encoding.UTF8.GetBytes(text.Replace("\"name\":\"sample\"", $"\"name\":\"{name}\"", StringComparison.Ordinal).Replace(sample.Header.Uid, uid, StringComparison.Ordinal));
        // Strings of its own, as a header has that was read from a request or a file.
        var header = sample.Header with { Uid = uid, Labels = Fresh(sample.Header.Labels), Fields = Fresh(sample.Header.Fields) };
        return new Mutation.Put(new ObjectKey(Resource, "default", name), null, header, RevisionText.Remove(json));
    }

    private static TextMap Fresh(TextMap pairs) => TextMap.Of(pairs.Select(pair => new KeyValuePair<string, string>(new string(pair.Key), new string(pair.Value))));
}
