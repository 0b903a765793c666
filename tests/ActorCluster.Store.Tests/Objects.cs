using System.Collections.Immutable;
using System.Text;
using ActorCluster.Api;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Store.Tests;

/// <summary>Short ways to make what the store takes.</summary>
internal static class Objects
{
    public static readonly ResourceName Pods = new("", "pods");
    public static readonly ResourceName Deployments = new("apps", "deployments");

    public static SimulationContext Simulation(TimeProvider? clock = null) =>
        SimulationContext.RealTime(1) with { Clock = clock ?? new FakeTimeProvider() };

    public static ObjectKey Pod(string name, string ns = "default") => new(Pods, ns, name);

    public static Mutation.Put Put(ObjectKey key, long? expected = null, string content = "", string[]? owners = null, string? label = null, string? node = null)
    {
        var before = $"{{\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{key.Name}\",\"resourceVersion\":\"";
        var json = Encoding.UTF8.GetBytes($"{before}\"}},\"spec\":{{\"content\":\"{content}\"}}}}");
        var labels = label is null ? ObjectHeader.Empty.Labels : TextMap.Of([new("app", label)]);
        var fields = node is null ? ObjectHeader.Empty.Fields : TextMap.Of([new("spec.nodeName", node)]);
        var header = new ObjectHeader($"uid-{key}", labels, fields, [.. owners ?? []], false);
        return new Mutation.Put(key, expected, header, new UnversionedJson(json, Encoding.UTF8.GetByteCount(before)));
    }

    public static Mutation.Delete Delete(ObjectKey key, long? expected = null) => new(key, expected);

    public static async Task<ImmutableArray<StoredObject>> WriteAsync(this IObjectStore store, params Mutation[] mutations) =>
        (await store.CommitAsync(mutations)).ShouldBeOfType<CommitResult.Committed>().Objects;

    public static string Text(this StoredObject stored) => Encoding.UTF8.GetString(stored.Json.Span);
}
