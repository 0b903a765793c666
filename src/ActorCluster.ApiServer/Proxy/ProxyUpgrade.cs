using ActorCluster.Api.Errors;
using ActorCluster.Contracts.Simulation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>A connection that the far end has switched to another protocol (WebSocket): bytes go both ways until one side ends.</summary>
internal static class ProxyUpgrade
{
    public static async Task RunAsync(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var feature = context.Features.Get<IHttpUpgradeFeature>();
        if (feature is not { IsUpgradableRequest: true }) throw StatusException.BadRequest("the far end switched protocols, but this connection can't");
        context.Response.Headers.Upgrade = string.Join(", ", answer.Headers.Upgrade.Select(u => u.ToString()));
        await using var there = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await using var here = await feature.UpgradeAsync();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(CopyAsync(here, there, ending), CopyAsync(there, here, ending));
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationTokenSource ending)
    {
        try
        {
            await from.CopyToAsync(to, ending.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // One side hung up: with it goes the other.
        }
        await ending.CancelInOrderAsync();
    }
}
