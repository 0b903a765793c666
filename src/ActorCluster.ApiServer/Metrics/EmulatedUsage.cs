using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Metrics;

/// <summary>
/// What pods and nodes use, for metrics.k8s.io. Emulated programs take nothing that could be measured as a container's, so usage is what a pod's annotations say, by KWOK's names
/// and rules: each running container uses as much, and 1m of CPU and 1Mi of memory without them (kustomize/metrics/usage in KWOK).
/// </summary>
internal sealed class EmulatedUsage(TimeProvider clock) : IComputedObjects
{
    public const string CpuAnnotation = "kwok.x-k8s.io/usage-cpu";
    public const string MemoryAnnotation = "kwok.x-k8s.io/usage-memory";

    /// <summary>How long a sample covers: metrics-server's default resolution.</summary>
    private const string Window = "15s";

    private static readonly ResourceName Pods = new("", "pods");
    private static readonly ResourceName Nodes = new("", "nodes");
    private static readonly Quantity DefaultCpu = Quantity.Parse("1m");
    private static readonly Quantity DefaultMemory = Quantity.Parse("1Mi");
    private static readonly (Quantity Cpu, Quantity Memory) Nothing = (Quantity.Zero, Quantity.Zero);

    /// <inheritdoc/>
    public StoredObject? Get(IStoreSnapshot snapshot, ObjectKey key) =>
        snapshot.Get(key with { Resource = OfMetrics(key.Resource) }) is { } stored ? Measure(stored, key.Resource, node => OfNode(snapshot, node)) : null;

    /// <inheritdoc/>
    /// <remarks>The pods and nodes are asked whether they are wanted: they have the same names, labels and fields as their metrics.</remarks>
    public IEnumerable<StoredObject> List(IStoreSnapshot snapshot, ResourceName resource, string? ns, ObjectKey? after, Func<StoredObject, bool> wanted)
    {
        var ofNodes = new Lazy<Dictionary<string, (Quantity Cpu, Quantity Memory)>>(() => OfNodes(snapshot), LazyThreadSafetyMode.None);
        return snapshot.List(OfMetrics(resource), ns, after is { } key ? key with { Resource = OfMetrics(resource) } : null)
            .Where(wanted)
            .Select(stored => Measure(stored, resource, node => ofNodes.Value.GetValueOrDefault(node, Nothing)))
            .OfType<StoredObject>();
    }

    private static ResourceName OfMetrics(ResourceName metrics) => metrics.Plural == Pods.Plural ? Pods : Nodes;

    private StoredObject? Measure(StoredObject stored, ResourceName metrics, Func<string, (Quantity Cpu, Quantity Memory)> ofNode)
    {
        var obj = ObjectEncoder.Decode(stored);
        var isPod = stored.Key.Resource == Pods;
        if (isPod && obj.TextAt("status", "phase") != "Running") return null;
        var result = new JsonObject
        {
            ["kind"] = isPod ? MetricsResources.Pods.Kind : MetricsResources.Nodes.Kind,
            ["apiVersion"] = $"{MetricsResources.Group}/v1beta1",
            ["metadata"] = Metadata(stored, obj),
            ["timestamp"] = ObjectMetadata.FormatTime(clock.GetUtcNow()),
            ["window"] = Window,
        };
        if (isPod) result["containers"] = new JsonArray([.. Containers(obj).Select(name => (JsonNode)new JsonObject { ["name"] = name, ["usage"] = Usage(Of(obj)) })]);
        else result["usage"] = Usage(ofNode(stored.Key.Name));
        return stored with { Key = stored.Key with { Resource = metrics }, Json = Encoding.UTF8.GetBytes(result.ToJsonString(JsonDocuments.CompactJson)) };
    }

    private static JsonObject Metadata(StoredObject stored, JsonObject obj)
    {
        var metadata = new JsonObject { ["name"] = stored.Key.Name };
        if (stored.Key.Namespace.Length > 0) metadata["namespace"] = stored.Key.Namespace;
        metadata["creationTimestamp"] = ObjectMetadata.Of(obj).CreationTimestamp;
        if (obj.At("metadata", "labels") is { } labels) metadata["labels"] = labels.DeepClone();
        return metadata;
    }

    /// <summary>What runs on a node; the node itself takes nothing.</summary>
    private static (Quantity Cpu, Quantity Memory) OfNode(IStoreSnapshot snapshot, string node) => Sum(snapshot.List(Pods).Where(pod => NodeOf(pod) == node));

    private static Dictionary<string, (Quantity Cpu, Quantity Memory)> OfNodes(IStoreSnapshot snapshot) =>
        snapshot.List(Pods).Where(pod => NodeOf(pod).Length > 0).GroupBy(NodeOf, StringComparer.Ordinal).ToDictionary(pods => pods.Key, Sum, StringComparer.Ordinal);

    private static string NodeOf(StoredObject pod) => pod.Header.Fields.GetValueOrDefault("spec.nodeName", "");

    private static (Quantity Cpu, Quantity Memory) Sum(IEnumerable<StoredObject> pods)
    {
        var (cpu, memory) = Nothing;
        foreach (var pod in pods.Select(ObjectEncoder.Decode).Where(pod => pod.TextAt("status", "phase") == "Running"))
        {
            var each = Of(pod);
            foreach (var _ in Containers(pod)) (cpu, memory) = (cpu + each.Cpu, memory + each.Memory);
        }
        return (cpu, memory);
    }

    private static IEnumerable<string> Containers(JsonObject pod) =>
        pod.GetObject("status").GetObjects("containerStatuses").Where(status => status.At("state", "running") is not null).Select(status => status.GetString("name") ?? "");

    private static (Quantity Cpu, Quantity Memory) Of(JsonObject pod)
    {
        var annotations = ObjectMetadata.Of(pod).Annotations;
        return (Read(annotations?.GetValueOrDefault(CpuAnnotation), DefaultCpu), Read(annotations?.GetValueOrDefault(MemoryAnnotation), DefaultMemory));
    }

    private static Quantity Read(string? text, Quantity otherwise) => Quantity.TryParse(text, out var amount) && amount.Sign >= 0 ? amount : otherwise;

    private static JsonObject Usage((Quantity Cpu, Quantity Memory) usage) => new() { ["cpu"] = usage.Cpu.ToString(), ["memory"] = usage.Memory.ToString() };
}
