using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;
using WatchEventType = ActorCluster.Contracts.Client.WatchEventType;

namespace ActorCluster.Controllers.Tests.Fakes;

/// <summary>A small API in memory: versions, watches, status and binding sub-resources, finalizers and graceful deletion; no validation.</summary>
internal sealed class FakeApi(TimeProvider clock) : IApiClient
{
    private readonly SortedDictionary<ObjectKey, JsonObject> _objects = [];
    private readonly List<(ResourceName Resource, Channel<WatchEvent> Events)> _watches = [];
    private readonly Dictionary<ResourceName, string> _kinds = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision;
    private long _names;

    /// <summary>Asked before each request; an answer given here is the response.</summary>
    public Func<ApiRequest, ApiResponse?>? Intercept { get; set; }

    /// <summary>Called after each change, outside the lock.</summary>
    public event Action<ObjectKey, JsonObject?>? Changed;

    /// <summary>Everything that was asked of it, in order.</summary>
    public List<ApiRequest> Writes { get; } = [];

    public Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Intercept?.Invoke(request) is { } intercepted) return Task.FromResult(intercepted);
        List<(ObjectKey, JsonObject?)> changes = [];
        ApiResponse response;
        lock (_lock)
        {
            if (request.Verb is not (ApiVerb.Get or ApiVerb.List)) Writes.Add(request);
            response = Handle(request, changes);
        }

        if (changes.Count > 0)
        {
            foreach (var (key, item) in changes) Changed?.Invoke(key, item);
            TaskCompletionSource changed;
            lock (_lock) (changed, _change) = (_change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            changed.SetResult();
        }

        return Task.FromResult(response);
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<WatchEvent>();
        lock (_lock)
        {
            var after = long.Parse(request.ResourceVersion ?? "0", CultureInfo.InvariantCulture);
            // No history is kept: what changed since is sent as added, and who missed a deletion must list anew.
            if (_deletions.TryGetValue(request.Resource, out var deleted) && deleted > after)
                channel.Writer.TryWrite(new WatchEvent(WatchEventType.Error, Utf8(Failure(410, "Expired", "too old resource version"))));
            foreach (var (_, item) in _objects.Where(pair => pair.Key.Resource == request.Resource && Revision(pair.Value) > after).OrderBy(pair => Revision(pair.Value)))
                channel.Writer.TryWrite(new WatchEvent(WatchEventType.Added, Utf8(item)));
            _watches.Add((request.Resource, channel));
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
                if (change.Type == WatchEventType.Error) yield break;
            }
        }
        finally
        {
            lock (_lock) _watches.RemoveAll(watch => watch.Events == channel);
        }
    }

    private readonly Dictionary<ResourceName, long> _deletions = [];

    /// <summary>Waits until <paramref name="condition"/> holds, looking again after each change.</summary>
    public async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            lock (_lock) changed = _change.Task;
            if (condition()) return;
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new Xunit.Sdk.XunitException($"never came true: {what}\n{Dump()}");
            }
        }
    }

    public IReadOnlyList<T> List<T>() where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var resource = KubernetesType.Of<T>().Resource;
        lock (_lock) return [.. _objects.Where(pair => pair.Key.Resource == resource).Select(pair => KubernetesJson.Deserialize<T>(pair.Value.ToJsonString()))];
    }

    public T? Find<T>(string ns, string name) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_lock)
        {
            return _objects.TryGetValue(new ObjectKey(KubernetesType.Of<T>().Resource, ns, name), out var item)
                ? KubernetesJson.Deserialize<T>(item.ToJsonString())
                : null;
        }
    }

    public string Dump()
    {
        lock (_lock) return string.Join('\n', _objects.Select(pair => $"{pair.Key}: {pair.Value["spec"]?.ToJsonString()} {pair.Value["status"]?.ToJsonString()}"));
    }

    private ApiResponse Handle(ApiRequest request, List<(ObjectKey, JsonObject?)> changes)
    {
        var key = new ObjectKey(request.Resource, request.Namespace, request.Name);
        _objects.TryGetValue(key, out var current);
        if (request.Verb == ApiVerb.List) return Ok(ListOf(request));
        if (request.Verb == ApiVerb.Create && request.Subresource.Length == 0) return Create(request, changes);
        if (request.Verb == ApiVerb.DeleteCollection)
        {
            foreach (var item in _objects.Keys.Where(k => k.Resource == request.Resource && k.Namespace == request.Namespace).ToList())
                Delete(item, _objects[item], request with { Name = item.Name }, changes);
            return Ok(new JsonObject());
        }

        if (current is null) return Fail(404, "NotFound", $"{request.Resource} \"{request.Name}\" not found");
        return (request.Verb, request.Subresource) switch
        {
            (ApiVerb.Get, _) => Ok(current),
            (ApiVerb.Create, "binding") => Bind(key, current, request, changes),
            (ApiVerb.Update, _) => Replace(key, current, Parse(request.Body), request.Subresource, changes),
            (ApiVerb.Patch, _) => Replace(key, current, Merged(current, Parse(request.Body)), request.Subresource, changes),
            (ApiVerb.Delete, _) => Delete(key, current, request, changes),
            _ => Fail(405, "MethodNotAllowed", $"{request.Verb} {request.Subresource}"),
        };
    }

    private JsonObject ListOf(ApiRequest request)
    {
        var items = new JsonArray();
        foreach (var (key, item) in _objects)
        {
            if (key.Resource == request.Resource && (request.Namespace.Length == 0 || key.Namespace == request.Namespace)) items.Add(item.DeepClone());
        }

        return new JsonObject
        {
            ["kind"] = KindOf(request.Resource) + "List",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = _revision.ToString(CultureInfo.InvariantCulture) },
            ["items"] = items,
        };
    }

    private ApiResponse Create(ApiRequest request, List<(ObjectKey, JsonObject?)> changes)
    {
        var item = Parse(request.Body);
        var metadata = (JsonObject)(item["metadata"] ??= new JsonObject());
        if (metadata["name"] is null) metadata["name"] = $"{metadata["generateName"]}{_names++:x5}";
        if (request.Namespace.Length > 0) metadata["namespace"] = request.Namespace;
        var key = new ObjectKey(request.Resource, request.Namespace, (string)metadata["name"]!);
        if (_objects.ContainsKey(key)) return Fail(409, "AlreadyExists", $"{key} already exists");
        if (_objects.GetValueOrDefault(new ObjectKey(new("", "namespaces"), "", request.Namespace))?["metadata"]?["deletionTimestamp"] is not null)
        {
            var refusal = Failure(403, "Forbidden", $"namespace {request.Namespace} is being terminated");
            refusal["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "NamespaceTerminating" }) };
            return new ApiResponse(403, Utf8(refusal), []);
        }

        metadata["uid"] = $"uid-{_revision + 1}";
        metadata["creationTimestamp"] = Time();
        metadata["generation"] = 1L;
        if (request.Resource.Plural == "pods") item["status"] ??= new JsonObject { ["phase"] = "Pending" };
        if (request.Resource.Plural == "namespaces")
        {
            item["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            item["status"] = new JsonObject { ["phase"] = "Active" };
        }

        return Store(key, item, WatchEventType.Added, changes);
    }

    private ApiResponse Bind(ObjectKey key, JsonObject current, ApiRequest request, List<(ObjectKey, JsonObject?)> changes)
    {
        if (current["spec"]?["nodeName"] is not null) return Fail(409, "Conflict", "pod is already assigned to a node");
        var bound = (JsonObject)current.DeepClone();
        bound["spec"]!["nodeName"] = (string)Parse(request.Body)["target"]!["name"]!;
        return Store(key, bound, WatchEventType.Modified, changes);
    }

    private ApiResponse Replace(ObjectKey key, JsonObject current, JsonObject wanted, string subresource, List<(ObjectKey, JsonObject?)> changes)
    {
        if (Text(wanted, "uid") is { Length: > 0 } uid && uid != Text(current, "uid")) return Conflict(key);
        if (Text(wanted, "resourceVersion") is { Length: > 0 } version && version != Text(current, "resourceVersion")) return Conflict(key);
        var result = (JsonObject)current.DeepClone();
        if (subresource == "status")
        {
            result["status"] = wanted["status"]?.DeepClone();
        }
        else if (subresource == "finalize")
        {
            result["spec"]!["finalizers"] = wanted["spec"]?["finalizers"]?.DeepClone();
        }
        else
        {
            result = (JsonObject)wanted.DeepClone();
            result["status"] = current["status"]?.DeepClone();
            foreach (var kept in new[] { "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds" })
                result["metadata"]![kept] = current["metadata"]![kept]?.DeepClone();
            if (!JsonNode.DeepEquals(result["spec"], current["spec"])) result["metadata"]!["generation"] = (long)current["metadata"]!["generation"]! + 1;
        }

        if (result["metadata"]!["deletionTimestamp"] is not null && !IsHeld(result) && result["metadata"]!["deletionGracePeriodSeconds"] is null)
            return Remove(key, result, changes);
        result["metadata"]!["resourceVersion"] = current["metadata"]!["resourceVersion"]!.DeepClone();
        if (JsonNode.DeepEquals(result, current)) return Ok(current);
        return Store(key, result, WatchEventType.Modified, changes);
    }

    private ApiResponse Delete(ObjectKey key, JsonObject current, ApiRequest request, List<(ObjectKey, JsonObject?)> changes)
    {
        var options = request.EffectiveOptions;
        if (options.PreconditionUid is { } uid && uid != Text(current, "uid")) return Conflict(key);
        if (options.PreconditionResourceVersion is { } version && version != Text(current, "resourceVersion")) return Conflict(key);
        var marked = (JsonObject)current.DeepClone();
        var metadata = (JsonObject)marked["metadata"]!;
        var finalizers = Strings(metadata["finalizers"]).Except(["orphan", "foregroundDeletion"]).ToList();
        if (options.PropagationPolicy == "Orphan") finalizers.Add("orphan");
        if (options.PropagationPolicy == "Foreground") finalizers.Add("foregroundDeletion");
        if (options.PropagationPolicy is not null) metadata["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode?)f)]);
        var graceful = key.Resource.Plural == "pods" && options.GracePeriodSeconds != 0 && marked["spec"]?["nodeName"] is not null;
        if (!graceful) metadata.Remove("deletionGracePeriodSeconds");
        if (!graceful && !IsHeld(marked)) return Remove(key, current, changes);
        if (metadata["deletionTimestamp"] is not null && JsonNode.DeepEquals(marked, current)) return Ok(current);
        metadata["deletionTimestamp"] ??= Time();
        if (graceful) metadata["deletionGracePeriodSeconds"] = 30L;
        if (key.Resource.Plural == "namespaces") marked["status"]!["phase"] = "Terminating";
        return Store(key, marked, WatchEventType.Modified, changes);
    }

    private ApiResponse Store(ObjectKey key, JsonObject item, WatchEventType type, List<(ObjectKey, JsonObject?)> changes)
    {
        item["metadata"]!["resourceVersion"] = (++_revision).ToString(CultureInfo.InvariantCulture);
        _objects[key] = item;
        Publish(key.Resource, type, item);
        changes.Add((key, item));
        return Ok(item);
    }

    private ApiResponse Remove(ObjectKey key, JsonObject item, List<(ObjectKey, JsonObject?)> changes)
    {
        item["metadata"]!["resourceVersion"] = (++_revision).ToString(CultureInfo.InvariantCulture);
        _objects.Remove(key);
        _deletions[key.Resource] = _revision;
        Publish(key.Resource, WatchEventType.Deleted, item);
        changes.Add((key, null));
        return Ok(item);
    }

    private void Publish(ResourceName resource, WatchEventType type, JsonObject item)
    {
        var body = Utf8(item);
        foreach (var watch in _watches.Where(watch => watch.Resource == resource)) watch.Events.Writer.TryWrite(new WatchEvent(type, body));
    }

    private string KindOf(ResourceName resource)
    {
        if (_kinds.Count == 0)
        {
            foreach (var type in typeof(V1Pod).Assembly.GetExportedTypes().Where(t => t.IsDefined(typeof(KubernetesEntityAttribute), false) && !t.Name.EndsWith("List", StringComparison.Ordinal)))
            {
                var entity = KubernetesType.Of(type);
                _kinds.TryAdd(entity.Resource, entity.Kind);
            }
        }

        return _kinds[resource];
    }

    private static bool IsHeld(JsonObject item) => Strings(item["metadata"]?["finalizers"]).Any() || Strings(item["spec"]?["finalizers"]).Any();

    private static IEnumerable<string> Strings(JsonNode? array) => (array as JsonArray)?.Select(n => (string)n!) ?? [];

    private static JsonObject Merged(JsonObject target, JsonObject patch)
    {
        var result = (JsonObject)target.DeepClone();
        foreach (var (name, value) in patch)
        {
            if (value is null) result.Remove(name);
            else if (value is JsonObject inner) result[name] = Merged(result[name] as JsonObject ?? [], inner);
            else result[name] = value.DeepClone();
        }

        return result;
    }

    private string Time() => clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static long Revision(JsonObject item) => long.Parse(Text(item, "resourceVersion")!, CultureInfo.InvariantCulture);

    private static string? Text(JsonObject item, string name) => (string?)item["metadata"]?[name];

    private static JsonObject Parse(ReadOnlyMemory<byte> body) => (JsonObject)JsonNode.Parse(body.Span)!;

    private static byte[] Utf8(JsonObject item) => Encoding.UTF8.GetBytes(item.ToJsonString());

    private static ApiResponse Ok(JsonObject item) => new(200, Utf8(item), []);

    public static ApiResponse Fail(int code, string reason, string message) => new(code, Utf8(Failure(code, reason, message)), []);

    private static ApiResponse Conflict(ObjectKey key) => Fail(409, "Conflict", $"Operation cannot be fulfilled on {key}: the object has been modified");

    private static JsonObject Failure(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["code"] = code,
        ["reason"] = reason,
        ["message"] = message,
    };
}
