using Microsoft.AspNetCore.Builder;
using Xunit.Abstractions;

namespace ActorCluster.TestKit.Tests;

/// <summary>The example of the README.</summary>
public class ShopSpecs(ITestOutputHelper output) : ClusterTestKit(output)
{
    [Fact]
    public async Task The_shop_survives_the_loss_of_a_node()
    {
        await using var cluster = await StartClusterAsync(nodes: 3);
        cluster.Images.Add("shop/cart:*", app => app.MapGet("/", () => "cart"));
        await cluster.ApplyAsync("configs/shop.yml");
        await cluster.Deployment("cart").ShouldBeAvailableAsync(replicas: 3);
        var client = cluster.Pod("client").CreateHttpClient();
        cluster.Node("worker-2").Kill();
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(6));
        await cluster.Deployment("cart").ShouldBeAvailableAsync(replicas: 3);
        (await client.GetStringAsync("http://cart")).ShouldBe("cart");
        cluster.Network.Trace("client", "cart").ShouldReach("cart-*");
    }
}
