using ActorCluster.Contracts.Client;

namespace ActorCluster.Host.ControlPlane;

/// <summary>
/// The API for those who live in its process: their watches never break off, so that they need no bookmarks to go on from. Dozens of watches would else be woken each minute for nothing.
/// </summary>
internal sealed class LocalApi(IApiClient api) : IApiClient
{
    public Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default) => api.SendAsync(request, cancellationToken);

    public IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, CancellationToken cancellationToken = default) =>
        api.WatchAsync(request with { AllowBookmarks = false }, cancellationToken);
}
