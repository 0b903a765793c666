using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>
/// The API in the official models' types, for controllers and node agents. What is absent is null or false; every other failure is an
/// <see cref="ApiStatusException"/>; an unreachable API server is an <see cref="ApiUnavailableException"/>.
/// </summary>
/// <param name="user">Who asks: the component's or node's user name, e.g. "system:kube-scheduler".</param>
public sealed class KubeClient(IApiClient api, string user)
{
    public IApiClient Api { get; } = api;

    public string User { get; } = user;

    /// <summary>The manager that metadata.managedFields should name; null: the server's choice.</summary>
    public string? FieldManager { get; init; }

    private ApiRequestOptions Options => field ??= new() { User = User, FieldManager = FieldManager };

    /// <returns>Null if there is no such object.</returns>
    public async Task<T?> GetAsync<T>(string ns, string name, CancellationToken ct = default) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var response = await Api.SendAsync(Request<T>(ApiVerb.Get, ns, name), ct);
        return response.StatusCode == 404 ? null : Answer<T>(response);
    }

    /// <summary>All objects, or those of one namespace; in key order.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(
        string ns = "", string? labelSelector = null, string? fieldSelector = null, CancellationToken ct = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var options = Options with { LabelSelector = labelSelector, FieldSelector = fieldSelector };
        var body = Success(await Api.SendAsync(Request<T>(ApiVerb.List, ns, "", options: options), ct));
        return KubernetesDocument.ReadList<T>(body, static (doing, fault) => throw new FormatException(doing, fault)).Items;
    }

    public async Task<T> CreateAsync<T>(T obj, CancellationToken ct = default) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(obj);
        var request = Request<T>(ApiVerb.Create, obj.Metadata?.NamespaceProperty, obj.Metadata?.Name, body: Body(obj));
        return Answer<T>(await Api.SendAsync(request, ct));
    }

    /// <summary>Creates an object for who doesn't want to know what it is like then.</summary>
    public async Task PostAsync<T>(T obj, CancellationToken ct = default) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(obj);
        Success(await Api.SendAsync(Request<T>(ApiVerb.Create, obj.Metadata?.NamespaceProperty, obj.Metadata?.Name, body: Body(obj)), ct));
    }

    /// <summary>Posts to a sub-resource of one object: a pod's "binding" or "eviction", a service account's "token".</summary>
    /// <typeparam name="TParent">The object whose sub-resource it is, e.g. V1Pod.</typeparam>
    public async Task CreateSubresourceAsync<TParent>(string ns, string name, string subresource, IKubernetesObject body, CancellationToken ct = default)
        where TParent : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(body);
        if (body.Kind is null || body.ApiVersion is null) Name(body, KubernetesType.Of(body.GetType()));
        Success(await Api.SendAsync(Request<TParent>(ApiVerb.Create, ns, name, subresource, KubernetesDocument.Write(body)), ct));
    }

    /// <summary>Replaces the object. With its resourceVersion set, only if nobody else changed it since (else Conflict).</summary>
    public async Task<T> UpdateAsync<T>(T obj, string subresource = "", CancellationToken ct = default) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(obj);
        var request = Request<T>(ApiVerb.Update, obj.Metadata?.NamespaceProperty, obj.Metadata?.Name, subresource, Body(obj));
        return Answer<T>(await Api.SendAsync(request, ct));
    }

    /// <returns>Null if there is no such object.</returns>
    public async Task<T?> PatchAsync<T>(
        string ns, string name, JsonNode mergePatch, string subresource = "", PatchType type = PatchType.Merge, CancellationToken ct = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(mergePatch);
        var body = Encoding.UTF8.GetBytes(mergePatch.ToJsonString());
        var response = await Api.SendAsync(Request<T>(ApiVerb.Patch, ns, name, subresource, body) with { PatchType = type }, ct);
        return response.StatusCode == 404 ? null : Answer<T>(response);
    }

    /// <summary>A patch from who doesn't want to know what the object is like then.</summary>
    /// <param name="patch">JSON.</param>
    /// <returns>False if there is no such object.</returns>
    public async Task<bool> TryPatchAsync<T>(
        string ns, string name, ReadOnlyMemory<byte> patch, string subresource = "", PatchType type = PatchType.Merge, CancellationToken ct = default) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var response = await Api.SendAsync(Request<T>(ApiVerb.Patch, ns, name, subresource, patch) with { PatchType = type }, ct);
        if (response.StatusCode == 404) return false;
        Success(response);
        return true;
    }

    /// <returns>False if there is no such object.</returns>
    public async Task<bool> DeleteAsync<T>(string ns, string name, DeleteOptions? options = null, CancellationToken ct = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var requestOptions = options is null ? Options : Options with
        {
            GracePeriodSeconds = options.GracePeriodSeconds,
            PreconditionUid = options.PreconditionUid,
            PreconditionResourceVersion = options.PreconditionResourceVersion,
            PropagationPolicy = options.PropagationPolicy,
        };
        var response = await Api.SendAsync(Request<T>(ApiVerb.Delete, ns, name, options: requestOptions), ct);
        if (response.StatusCode == 404) return false;
        Success(response);
        return true;
    }

    private ApiRequest Request<T>(
        ApiVerb verb, string? ns, string? name, string subresource = "", ReadOnlyMemory<byte> body = default, ApiRequestOptions? options = null)
    {
        var type = KubernetesType.Of<T>();
        return new ApiRequest(verb, type.Resource, ns ?? "", name ?? "", subresource, type.Version, body, PatchType.None, options ?? Options);
    }

    private static byte[] Body<T>(T obj) where T : IKubernetesObject
    {
        if (obj.Kind is null || obj.ApiVersion is null) Name(obj, KubernetesType.Of<T>());
        return KubernetesDocument.Write(obj);
    }

    private static void Name(IKubernetesObject obj, KubernetesType type)
    {
        obj.Kind ??= type.Kind;
        obj.ApiVersion ??= type.ApiVersion;
    }

    private static T Answer<T>(ApiResponse response) => KubernetesDocument.Read<T>(Success(response));

    private static ReadOnlyMemory<byte> Success(ApiResponse response) =>
        response.IsSuccess ? response.Body : throw ApiStatusException.From(response.StatusCode, response.Body);
}
