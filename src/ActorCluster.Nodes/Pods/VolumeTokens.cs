using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Nodes.Volumes;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>The service account tokens that a pod's projected volumes ask for (the TokenRequest API), bound to the pod.</summary>
/// <param name="RenewAt">When the first of them has lived four fifths of its life (pkg/kubelet/token/token_manager.go).</param>
internal sealed record VolumeTokens(IReadOnlyDictionary<TokenKey, ReadOnlyMemory<byte>> Tokens, DateTimeOffset? RenewAt)
{
    public static readonly VolumeTokens None = new(new Dictionary<TokenKey, ReadOnlyMemory<byte>>(), null);

    /// <exception cref="VolumeSetUpException">The API server refuses.</exception>
    /// <exception cref="ApiUnavailableException"/>
    public static async Task<VolumeTokens> RequestAsync(KubeClient client, V1Pod pod, IReadOnlyList<V1ServiceAccountTokenProjection> projections, DateTimeOffset now)
    {
        if (projections.Count == 0) return None;
        var account = string.IsNullOrEmpty(pod.Spec.ServiceAccountName) ? "default" : pod.Spec.ServiceAccountName;
        var tokens = new Dictionary<TokenKey, ReadOnlyMemory<byte>>();
        DateTimeOffset? renewAt = null;
        foreach (var key in projections.Select(TokenKey.Of).Distinct())
        {
            var response = await client.Api.SendAsync(new ApiRequest(ApiVerb.Create, new ResourceName("", "serviceaccounts"), pod.Metadata.NamespaceProperty, account, "token", "v1", Body(pod, key))
            {
                Options = new ApiRequestOptions { User = client.User },
            });
            if (!response.IsSuccess)
            {
                var fault = ApiStatusException.From(response.StatusCode, response.Body);
                throw new VolumeSetUpException($"MountVolume.SetUp failed for volume \"{VolumeOf(pod, key)}\" : failed to fetch token: {fault.Message}");
            }
            var token = JsonNode.Parse(response.Body.Span)?["status"]?["token"]?.GetValue<string>() ?? throw new FormatException("The answer to a token request holds no token.");
            tokens[key] = Encoding.UTF8.GetBytes(token);
            var renew = now + TimeSpan.FromSeconds(key.ExpirationSeconds * 0.8);
            if (renewAt is null || renew < renewAt) renewAt = renew;
        }
        return new VolumeTokens(tokens, renewAt);
    }

    private static byte[] Body(V1Pod pod, TokenKey key)
    {
        var spec = new JsonObject
        {
            ["audiences"] = key.Audience.Length == 0 ? new JsonArray() : new JsonArray(key.Audience),
            ["expirationSeconds"] = key.ExpirationSeconds,
            ["boundObjectRef"] = new JsonObject { ["kind"] = "Pod", ["apiVersion"] = "v1", ["name"] = pod.Metadata.Name, ["uid"] = pod.Metadata.Uid },
        };
        return Encoding.UTF8.GetBytes(new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = spec }.ToJsonString());
    }

    private static string VolumeOf(V1Pod pod, TokenKey key) =>
        pod.Spec.Volumes.First(volume => volume.Projected?.Sources?.Any(source => source.ServiceAccountToken is { } token && TokenKey.Of(token) == key) == true).Name;
}
