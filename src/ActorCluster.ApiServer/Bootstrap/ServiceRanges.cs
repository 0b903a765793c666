using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Allocation;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.ApiServer.Bootstrap;

/// <summary>The default ServiceCIDR, and an IPAddress for each address of Services that were stored before there were such objects.</summary>
internal static class ServiceRanges
{
    private static readonly ResourceName Cidrs = new("networking.k8s.io", "servicecidrs");
    private static readonly ResourceName Addresses = new("networking.k8s.io", "ipaddresses");
    private static readonly ResourceName Services = new("", "services");

    public static async Task EnsureAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        await SystemObjects.CreateAsync(api, Cidrs, "", new JsonObject
        {
            ["apiVersion"] = "networking.k8s.io/v1",
            ["kind"] = "ServiceCIDR",
            ["metadata"] = new JsonObject { ["name"] = WellKnown.DefaultServiceCidrName },
            ["spec"] = new JsonObject { ["cidrs"] = JsonDocuments.ArrayOf(WellKnown.ServiceCidr, WellKnown.ServiceCidrV6) },
        }, cancellationToken);
        await SetReadyAsync(api, cancellationToken);
        foreach (var stored in api.Store.Snapshot.List(Services))
        {
            var spec = ObjectEncoder.Decode(stored)["spec"] as JsonObject;
            if (spec?.GetString("type") == "ExternalName") continue;
            foreach (var address in spec.GetStrings("clusterIPs").Select(IpNumber.Parse).OfType<IpNumber>())
            {
                if (api.Store.Snapshot.Get(new ObjectKey(Addresses, "", address.ToString())) is not null) continue;
                await SystemObjects.CreateAsync(api, Addresses, "", AllocatedAddress.Describe(address, stored.Key.Namespace, stored.Key.Name), cancellationToken);
            }
        }
    }

    /// <summary>Of one that has no condition yet: what controllers or users said later stays.</summary>
    private static async Task SetReadyAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        if (api.Store.Snapshot.Get(new ObjectKey(Cidrs, "", WellKnown.DefaultServiceCidrName)) is not { Header.Deleting: false } stored) return;
        if (ObjectEncoder.Decode(stored).At("status", "conditions") is JsonArray { Count: > 0 }) return;
        var patch = new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Ready",
                    ["status"] = "True",
                    ["reason"] = "",
                    ["message"] = "Kubernetes default Service CIDR is ready",
                    ["lastTransitionTime"] = ObjectMetadata.FormatTime(api.Simulation.Clock.GetUtcNow()),
                }),
            },
        };
        var answer = await api.SendAsync(new ApiRequest(
            ApiVerb.Patch, Cidrs, "", WellKnown.DefaultServiceCidrName, "status", Body: JsonSerializer.SerializeToUtf8Bytes<JsonNode>(patch, JsonDocuments.CompactJson), PatchType: PatchType.Merge), cancellationToken);
        if (!answer.IsSuccess) throw new InvalidOperationException($"could not make the default ServiceCIDR ready: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
    }
}
