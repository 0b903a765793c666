using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;

namespace ActorCluster.Controllers.Metadata;

/// <summary>Objects of any kind, by their metadata only. Failures are <see cref="ApiStatusException"/>; what is absent is null or false.</summary>
internal sealed class MetadataClient(IApiClient api, string user)
{
    private ApiRequestOptions Options => new() { User = user };

    public async Task<ObjectMetadata?> GetAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var response = await api.SendAsync(new ApiRequest(ApiVerb.Get, key.Resource, key.Namespace, key.Name, Options: Options), cancellationToken);
        return response.StatusCode == 404 ? null : ObjectMetadata.Read(key.Resource, Success(response));
    }

    /// <summary>One page of a list: its kind (of the items), its version, where it goes on.</summary>
    public async Task<MetadataPage> ListAsync(
        ResourceName resource, string ns, int? limit, string? next, CancellationToken cancellationToken)
    {
        var options = Options with { Limit = limit, Continue = next };
        var response = await api.SendAsync(new ApiRequest(ApiVerb.List, resource, ns, Options: options), cancellationToken);
        using var document = JsonDocument.Parse(Success(response));
        var root = document.RootElement;
        var kind = root.TryGetProperty("kind", out var listKind) ? listKind.GetString() ?? "" : "";
        var metadata = root.GetProperty("metadata");
        return new MetadataPage(
            kind.EndsWith("List", StringComparison.Ordinal) ? kind[..^4] : "",
            metadata.TryGetProperty("resourceVersion", out var version) ? version.GetString() : null,
            metadata.TryGetProperty("continue", out var more) ? more.GetString() : null,
            root.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
                ? [.. items.EnumerateArray().Select(item => ObjectMetadata.Read(resource, item))] : []);
    }

    /// <summary>Changes metadata, if the object is still the one that was looked at (else 409).</summary>
    public async Task<bool> PatchMetadataAsync(ObjectMetadata item, JsonObject change, CancellationToken cancellationToken)
    {
        change["uid"] = item.Uid;
        change["resourceVersion"] = item.ResourceVersion;
        var body = Encoding.UTF8.GetBytes(new JsonObject { ["metadata"] = change }.ToJsonString());
        var request = new ApiRequest(
            ApiVerb.Patch, item.Key.Resource, item.Key.Namespace, item.Key.Name, Body: body, PatchType: PatchType.Merge, Options: Options);
        var response = await api.SendAsync(request, cancellationToken);
        if (response.StatusCode == 404) return false;
        Success(response);
        return true;
    }

    /// <summary>Deletes exactly the object that was looked at (else 409).</summary>
    public async Task<bool> DeleteAsync(ObjectMetadata item, string propagation, CancellationToken cancellationToken)
    {
        var options = Options with { PropagationPolicy = propagation, PreconditionUid = item.Uid, PreconditionResourceVersion = item.ResourceVersion };
        var response = await api.SendAsync(
            new ApiRequest(ApiVerb.Delete, item.Key.Resource, item.Key.Namespace, item.Key.Name, Options: options), cancellationToken);
        if (response.StatusCode == 404) return false;
        Success(response);
        return true;
    }

    /// <summary>Deletes all objects of a resource in a namespace.</summary>
    /// <returns>False if the resource can't do that at once.</returns>
    public async Task<bool> DeleteCollectionAsync(ResourceName resource, string ns, CancellationToken cancellationToken)
    {
        var options = Options with { PropagationPolicy = "Background" };
        var response = await api.SendAsync(new ApiRequest(ApiVerb.DeleteCollection, resource, ns, Options: options), cancellationToken);
        if (response.StatusCode is 404 or 405) return false;
        Success(response);
        return true;
    }

    private static ReadOnlyMemory<byte> Success(ApiResponse response) =>
        response.IsSuccess ? response.Body : throw ApiStatusException.From(response.StatusCode, response.Body);
}

internal sealed record MetadataPage(string Kind, string? ResourceVersion, string? Continue, IReadOnlyList<ObjectMetadata> Items);
