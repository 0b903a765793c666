using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>What an autoscaler scales, by its scale sub-resource.</summary>
/// <param name="Replicas">As it is wanted now.</param>
/// <param name="Selector">Of its pods; "" where it has none.</param>
internal sealed record ScaleTarget(ResourceName Resource, string Namespace, string Name, int Replicas, string Selector)
{
    /// <exception cref="MetricException">There is no such thing, or it can't be scaled.</exception>
    public static async Task<ScaleTarget> ReadAsync(IApiClient api, MetadataInformers metadata, string user, string ns, V2CrossVersionObjectReference target, CancellationToken cancellationToken)
    {
        var group = ApiVersions.GroupOf(target.ApiVersion);
        if (metadata.ResourceOf(group, target.Kind) is not { } resource)
            throw new MetricException($"no matches for kind \"{target.Kind}\" in group \"{group}\"");
        var response = await api.SendAsync(new ApiRequest(ApiVerb.Get, resource, ns, target.Name, "scale", Options: new ApiRequestOptions { User = user }), cancellationToken);
        if (!response.IsSuccess) throw new MetricException(ApiStatusException.From(response.StatusCode, response.Body).Message);
        var scale = JsonNode.Parse(response.Body.Span) as JsonObject;
        return new ScaleTarget(resource, ns, target.Name, (int)(scale.IntegerAt("spec", "replicas") ?? 0), scale.TextAt("status", "selector") ?? "");
    }

    /// <exception cref="ApiStatusException">It can't be scaled.</exception>
    public async Task WriteAsync(IApiClient api, string user, int replicas, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }.ToJsonString());
        var request = new ApiRequest(ApiVerb.Patch, Resource, Namespace, Name, "scale", Body: body, PatchType: PatchType.Merge, Options: new ApiRequestOptions { User = user });
        var response = await api.SendAsync(request, cancellationToken);
        if (!response.IsSuccess) throw ApiStatusException.From(response.StatusCode, response.Body);
    }
}
