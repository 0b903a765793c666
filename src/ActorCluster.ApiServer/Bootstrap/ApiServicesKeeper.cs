using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.ApiRegistration;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Bootstrap;

/// <summary>Keeps an APIService for each group version that is served, and removes those of custom resources that are served no longer (kube-aggregator/pkg/controllers/autoregister).</summary>
internal static class ApiServicesKeeper
{
    /// <summary>What it looks after.</summary>
    public static readonly ResourceName Services = new("apiregistration.k8s.io", "apiservices");

    /// <exception cref="InvalidOperationException">The API refused; the message is its.</exception>
    public static async Task KeepAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        var served = LocalApiServices.Of(api.Registry);
        var names = served.Select(service => ObjectMetadata.Of(service).Name).ToHashSet();
        // All at once, so that they are one transaction.
        await Task.WhenAll(served.Select(service => SystemObjects.CreateAsync(api, Services, "", service, cancellationToken)));
        var gone = api.Store.Snapshot.List(Services).Where(stored => !names.Contains(stored.Key.Name) && IsManaged(ObjectEncoder.Decode(stored))).Select(stored => stored.Key.Name).ToList();
        await Task.WhenAll(gone.Select(name => DeleteAsync(api, name, cancellationToken)));
    }

    private static bool IsManaged(JsonObject service) => ObjectMetadata.Of(service).Labels?.ContainsKey(LocalApiServices.ManagedLabel) == true;

    private static async Task DeleteAsync(ApiPipeline api, string name, CancellationToken cancellationToken)
    {
        var answer = await api.SendAsync(new ApiRequest(ApiVerb.Delete, Services, Name: name), cancellationToken);
        if (answer is { IsSuccess: false, StatusCode: not 404 }) throw new InvalidOperationException($"could not delete {Services}/{name}: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
    }
}
