using ActorCluster.Contracts.Client;

namespace ActorCluster.TestKit.Api;

/// <summary>The API for code outside of the cluster's loop: each request ends when the cluster is quiet. A watch waits without time passing for it.</summary>
internal sealed class LoopApi(TestCluster cluster, IApiClient api) : IApiClient
{
    public Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default) => cluster.RunAsync(() => api.SendAsync(request, cancellationToken));

    public IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, CancellationToken cancellationToken = default) => api.WatchAsync(request, cancellationToken);
}
