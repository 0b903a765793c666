using ActorCluster.TestKit;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit.Abstractions;

public class ShopSpecs(ITestOutputHelper output) : ClusterTestKit(output)           // on Akka.TestKit.Xunit2
{
    [Fact]
    public async Task The_shop_survives_the_loss_of_a_node()
    {
        await using var cluster = await StartClusterAsync(nodes: 3);
        cluster.Images.Add("shop/cart:*", app => app.MapGet("/", () => "cart"));    // an ASP.NET Core app as an image
        await cluster.ApplyAsync("configs/shop.yml");                               // of the working folder, or of one above it or above the test's assembly
        await cluster.Deployment("cart").ShouldBeAvailableAsync(replicas: 3);
        var client = cluster.Pod("client").CreateHttpClient();                      // a real HttpClient inside that pod
        cluster.Node("worker-2").Kill();
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(6));                  // Kubernetes's own timers, in milliseconds
        await cluster.Deployment("cart").ShouldBeAvailableAsync(replicas: 3);
        (await client.GetStringAsync("http://cart")).ShouldBe("cart");
        cluster.Network.Trace("client", "cart").ShouldReach("cart-*");              // hops and reasons, printed when it fails
    }
}
