using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Admission;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.ApiServer.Bootstrap;

/// <summary>What upstream's API server makes by itself: the system's namespaces, priority classes and flow schemas, and the Service `kubernetes` in front of itself.</summary>
public static class SystemObjects
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    /// <summary>Creates what is absent and what others build on; call it before anyone else uses the API, and at each start. <see cref="SystemObjectsKeeper"/> makes the rest when the API serves.</summary>
    /// <exception cref="InvalidOperationException">The API refused; the message is its.</exception>
    public static async Task EnsureAsync(ApiPipeline api, CancellationToken cancellationToken = default)
    {
        await EnsureNamespacesAsync(api, cancellationToken);
        await EnsurePriorityClassesAsync(api, cancellationToken);
        await ServiceRanges.EnsureAsync(api, cancellationToken);
        await EnsureServiceAsync(api, cancellationToken);
    }

    /// <summary>Creates anew what was deleted since, and points the Service `kubernetes` at this server again if somebody changed that.</summary>
    /// <exception cref="InvalidOperationException">The API refused; the message is its.</exception>
    internal static async Task KeepAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        await EnsureNamespacesAsync(api, cancellationToken);
        await EnsureServiceAsync(api, cancellationToken);
        await FlowControlKeeper.KeepAsync(api, cancellationToken);
        await ApiServicesKeeper.KeepAsync(api, cancellationToken);
    }

    /// <summary>What <see cref="KeepAsync"/> looks at, each in a namespace or (null) in all: while nothing of it changes, nor what is served, there is nothing for it to do.</summary>
    internal static IReadOnlyList<(ResourceName Resource, string? Namespace)> Kept { get; } =
    [
        (new("", "namespaces"), null),
        (new("", "services"), "default"),
        (new("", "endpoints"), "default"),
        (new("discovery.k8s.io", "endpointslices"), "default"),
        .. FlowControlKeeper.Kept.Select(resource => (resource, (string?)null)),
        (ApiServicesKeeper.Services, null),
    ];

    private static async Task EnsureNamespacesAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        foreach (var name in Namespaces)
        {
            await CreateAsync(api, new ResourceName("", "namespaces"), "", new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["name"] = name },
            }, cancellationToken);
        }
    }

    private static async Task EnsurePriorityClassesAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        foreach (var (name, value, description) in PriorityClassResource.System)
        {
            await CreateAsync(api, new ResourceName("scheduling.k8s.io", "priorityclasses"), "", new JsonObject
            {
                ["apiVersion"] = "scheduling.k8s.io/v1",
                ["kind"] = "PriorityClass",
                ["metadata"] = new JsonObject { ["name"] = name },
                ["value"] = value,
                ["description"] = description,
            }, cancellationToken);
        }
    }

    private static async Task EnsureServiceAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        await CreateAsync(api, new ResourceName("", "services"), "default", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject
            {
                ["name"] = "kubernetes",
                ["namespace"] = "default",
                ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
            },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = SystemAddresses.Kubernetes,
                ["type"] = "ClusterIP",
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = WellKnown.ApiServerPort }),
            },
        }, cancellationToken);
        await EnsureEndpointsAsync(api, cancellationToken);
    }

    /// <summary>Where the API server is reached from inside the cluster; Endpoints and a slice of the same, as upstream's reconciler writes them.</summary>
    private static async Task EnsureEndpointsAsync(IApiClient api, CancellationToken cancellationToken)
    {
        await CreateOrRestoreAsync(api, new ResourceName("", "endpoints"), ["subsets"], new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Endpoints",
            ["metadata"] = new JsonObject
            {
                ["name"] = "kubernetes",
                ["namespace"] = "default",
                ["labels"] = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" },
            },
            ["subsets"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = WellKnown.OutsideAddress }),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = WellKnown.ApiServerPort, ["protocol"] = "TCP" }),
            }),
        }, cancellationToken);
        await CreateOrRestoreAsync(api, new ResourceName("discovery.k8s.io", "endpointslices"), ["endpoints", "ports"], new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["name"] = "kubernetes",
                ["namespace"] = "default",
                ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" },
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = JsonDocuments.ArrayOf(WellKnown.OutsideAddress), ["conditions"] = new JsonObject { ["ready"] = true } }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = WellKnown.ApiServerPort, ["protocol"] = "TCP" }),
        }, cancellationToken);
    }

    /// <param name="fields">What must stay as it is here.</param>
    private static async Task CreateOrRestoreAsync(IApiClient api, ResourceName resource, string[] fields, JsonObject obj, CancellationToken cancellationToken)
    {
        await CreateAsync(api, resource, "default", obj, cancellationToken);
        var name = obj.TextAt("metadata", "name")!;
        var there = await api.SendAsync(new ApiRequest(ApiVerb.Get, resource, "default", name), cancellationToken);
        if (!there.IsSuccess || JsonNode.Parse(there.Body.Span) is not JsonObject current || fields.All(field => current[field].SameAs(obj[field]))) return;
        var patch = new JsonObject();
        foreach (var field in fields) patch[field] = obj[field]!.DeepClone();
        var answer = await api.SendAsync(new ApiRequest(
            ApiVerb.Patch, resource, "default", name, Body: JsonSerializer.SerializeToUtf8Bytes<JsonNode>(patch, JsonDocuments.CompactJson), PatchType: PatchType.Merge), cancellationToken);
        // Not found: deleted meanwhile; it is made anew the next time.
        if (answer is { IsSuccess: false, StatusCode: not 404 }) throw new InvalidOperationException($"could not restore {resource}/{name}: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
    }

    internal static async Task CreateAsync(IApiClient api, ResourceName resource, string ns, JsonObject obj, CancellationToken cancellationToken)
    {
        var name = obj.TextAt("metadata", "name")!;
        var there = await api.SendAsync(new ApiRequest(ApiVerb.Get, resource, ns, name), cancellationToken);
        if (there.IsSuccess) return;
        var made = await api.SendAsync(
            new ApiRequest(ApiVerb.Create, resource, ns, Body: JsonSerializer.SerializeToUtf8Bytes<JsonNode>(obj, JsonDocuments.CompactJson)), cancellationToken);
        // Conflict: another start of the same control plane was faster.
        if (made is { IsSuccess: false, StatusCode: not 409 })
        {
            throw new InvalidOperationException($"could not create {resource}/{name}: {System.Text.Encoding.UTF8.GetString(made.Body.Span)}");
        }
    }
}
