using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Patches;
using ActorCluster.Api.Schema;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;
using WatchEventType = ActorCluster.Contracts.Client.WatchEventType;

namespace ActorCluster.Nodes.Tests.Support;

/// <summary>As much of the API as a node agent needs, in memory: versions, merge patches with preconditions (strategic ones of nodes), watches with field selectors, graceful
/// deletion of pods. It can be unreachable.</summary>
#pragma warning disable CA1001 // A token source without a timer holds nothing.
internal sealed class FakeApi(TimeProvider clock) : IApiClient
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<Change> _changes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _reachable = new();
    private long _version;

    public bool IsReachable
    {
        get => !_reachable.IsCancellationRequested;
        set
        {
            if (value) _reachable = new();
            else _reachable.Cancel();
        }
    }

    /// <summary>Every write that came in: verb and key, "Patch pods/default/web/status".</summary>
    public ImmutableList<string> Writes { get; private set; } = [];

    public T? Find<T>(string ns, string name) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate) return _objects.TryGetValue(Key(KubernetesType.Of<T>().Resource, ns, name), out var found) ? KubernetesJson.Deserialize<T>(found.ToJsonString()) : null;
    }

    public IReadOnlyList<T> List<T>() where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var prefix = KubernetesType.Of<T>().Resource + "/";
        lock (_gate) return [.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => KubernetesJson.Deserialize<T>(pair.Value.ToJsonString()))];
    }

    /// <summary>Creates or replaces, as a user or a controller would.</summary>
    public void Put<T>(T item) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = KubernetesType.Of<T>();
        (item.ApiVersion, item.Kind) = (type.ApiVersion, type.Kind);
        var json = JsonNode.Parse(KubernetesJson.Serialize(item))!.AsObject();
        json["metadata"]!["uid"] ??= Guid.NewGuid().ToString();
        lock (_gate) Store(type.Resource, json);
    }

    public void Remove<T>(string ns, string name) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate) Drop(KubernetesType.Of<T>().Resource, Key(KubernetesType.Of<T>().Resource, ns, name));
    }

    public Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        if (!IsReachable) throw new ApiUnavailableException("the API server is away");
        lock (_gate)
        {
            if (request.Verb is not (ApiVerb.Get or ApiVerb.List))
                Writes = Writes.Add($"{request.Verb} {Key(request.Resource, request.Namespace, request.Name)}{(request.Subresource.Length > 0 ? "/" + request.Subresource : "")}");
            return Task.FromResult(Answer(request));
        }
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = long.Parse(request.ResourceVersion ?? "0", CultureInfo.InvariantCulture);
        while (true)
        {
            if (!IsReachable) throw new ApiUnavailableException("the API server is away");
            List<Change> changes;
            Task more;
            lock (_gate)
            {
                changes = [.. _changes.Where(change => change.Version > next)];
                more = _changed.Task;
            }
            foreach (var change in changes)
            {
                next = change.Version;
                if (change.Resource != request.Resource) continue;
                var (before, after) = (Matches(change.Before, request.FieldSelector), Matches(change.After, request.FieldSelector));
                if (after) yield return new WatchEvent(before ? WatchEventType.Modified : WatchEventType.Added, Bytes(change.After!));
                else if (before) yield return new WatchEvent(WatchEventType.Deleted, Bytes(change.After ?? change.Before!));
            }
            await WaitAsync(more, cancellationToken);
        }
    }

    private async Task WaitAsync(Task more, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _reachable.Token);
        try
        {
            await more.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiUnavailableException("the API server went away");
        }
    }

    private ApiResponse Answer(ApiRequest request)
    {
        var key = Key(request.Resource, request.Namespace, request.Name);
        var found = _objects.GetValueOrDefault(key);
        switch (request.Verb)
        {
            case ApiVerb.List:
                var items = _objects.Where(pair => pair.Key.StartsWith(request.Resource + "/" + (request.Namespace.Length > 0 ? request.Namespace + "/" : ""), StringComparison.Ordinal)
                    && Matches(pair.Value, request.EffectiveOptions.FieldSelector)).Select(pair => (JsonNode)pair.Value.DeepClone());
                return Ok(new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = Text(_version) }, ["items"] = new JsonArray([.. items]) });
            case ApiVerb.Create when request.Subresource == "token":
                return Ok(new JsonObject { ["status"] = new JsonObject { ["token"] = $"token of {request.Namespace}/{request.Name}" } });
            case ApiVerb.Create:
                var created = JsonNode.Parse(request.Body.Span)!.AsObject();
                if (_objects.ContainsKey(Key(request.Resource, request.Namespace, created["metadata"]!["name"]!.GetValue<string>()))) return Fail(409, "AlreadyExists");
                created["metadata"]!["uid"] ??= Guid.NewGuid().ToString();
                return Ok(Store(request.Resource, created));
            case ApiVerb.Get:
                return found is null ? Fail(404, "NotFound") : Ok(found);
            case ApiVerb.Patch:
                return found is null ? Fail(404, "NotFound") : Patch(request, found);
            case ApiVerb.Delete:
                return found is null ? Fail(404, "NotFound") : Delete(request, key, found);
            default:
                throw new NotSupportedException($"The fake API can't {request.Verb}.");
        }
    }

    private ApiResponse Patch(ApiRequest request, JsonObject found)
    {
        var patch = JsonNode.Parse(request.Body.Span)!.AsObject();
        foreach (var field in new[] { "uid", "resourceVersion" })
        {
            if (patch["metadata"]?[field]?.GetValue<string>() is { } wanted && wanted != found["metadata"]![field]!.GetValue<string>()) return Fail(409, "Conflict");
        }
        if (request.Subresource == "status") patch = new JsonObject { ["status"] = patch["status"]?.DeepClone() };
        var merged = request.PatchType == PatchType.Strategic ? StrategicMergePatch.Apply(found.DeepClone().AsObject(), patch, SchemaOf(request.Resource)) : Merge(found, patch).AsObject();
        return Ok(Store(request.Resource, merged));
    }

    private static TypeSchema SchemaOf(ResourceName resource) =>
        resource.Plural == "nodes" ? ModelSchema.Of<V1Node>() : throw new NotSupportedException($"The fake API knows no lists of {resource} that are merged.");

    private ApiResponse Delete(ApiRequest request, string key, JsonObject found)
    {
        var options = request.EffectiveOptions;
        if (options.PreconditionUid is { } uid && uid != found["metadata"]!["uid"]!.GetValue<string>()) return Fail(409, "Conflict");
        var grace = options.GracePeriodSeconds ?? found["spec"]?["terminationGracePeriodSeconds"]?.GetValue<long>() ?? 0;
        var kept = found["metadata"]!["finalizers"]?.AsArray().Count > 0;
        if (!kept && (request.Resource.Plural != "pods" || grace == 0 || found["spec"]?["nodeName"] is null))
        {
            Drop(request.Resource, key);
            return Ok(found);
        }
        var deleting = found.DeepClone().AsObject();
        deleting["metadata"]!["deletionTimestamp"] = (clock.GetUtcNow() + TimeSpan.FromSeconds(grace)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        deleting["metadata"]!["deletionGracePeriodSeconds"] = grace;
        return Ok(Store(request.Resource, deleting));
    }

    private JsonObject Store(ResourceName resource, JsonObject item)
    {
        var key = Key(resource, item["metadata"]!["namespace"]?.GetValue<string>() ?? "", item["metadata"]!["name"]!.GetValue<string>());
        var before = _objects.GetValueOrDefault(key);
        var after = item.DeepClone().AsObject();
        after["metadata"]!["resourceVersion"] = Text(++_version);
        _objects[key] = after;
        Publish(new Change(_version, resource, before, after));
        return after;
    }

    private void Drop(ResourceName resource, string key)
    {
        if (_objects.Remove(key, out var before)) Publish(new Change(++_version, resource, before, null));
    }

    private void Publish(Change change)
    {
        _changes.Add(change);
        _changed.SetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static JsonNode Merge(JsonNode target, JsonNode patch)
    {
        if (patch is not JsonObject changes) return patch.DeepClone();
        var result = target is JsonObject known ? known.DeepClone().AsObject() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null) result.Remove(name);
            else result[name] = Merge(result[name] ?? new JsonObject(), value);
        }
        return result;
    }

    private static bool Matches(JsonObject? item, string? fieldSelector)
    {
        if (item is null) return false;
        if (fieldSelector is null) return true;
        var parts = fieldSelector.Split('=');
        JsonNode? node = item;
        foreach (var part in parts[0].Split('.')) node = node?[part];
        return node?.GetValue<string>() == parts[1];
    }

    private static ApiResponse Ok(JsonObject body) => new(200, Bytes(body), []);

    private static ApiResponse Fail(int code, string reason) =>
        new(code, Bytes(new JsonObject { ["kind"] = "Status", ["status"] = "Failure", ["code"] = code, ["reason"] = reason, ["message"] = reason }), []);

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    private static string Key(ResourceName resource, string ns, string name) => ns.Length == 0 ? $"{resource}/{name}" : $"{resource}/{ns}/{name}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Change(long Version, ResourceName Resource, JsonObject? Before, JsonObject? After);
}
