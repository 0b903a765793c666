using ActorCluster.TestKit;
using ActorCluster.TestKit.Faults;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit.Abstractions;

public partial class StockSpecs(ITestOutputHelper output) : ClusterTestKit(output)
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: stock
        spec:
          replicas: 2
          selector:
            matchLabels:
              app: stock
          template:
            metadata:
              labels:
                app: stock
            spec:
              containers:
              - name: stock
                image: shop/stock
                readinessProbe:
                  httpGet:
                    path: /
                    port: 8080
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: stock
        spec:
          selector:
            app: stock
          ports:
          - port: 80
            targetPort: 8080
        """;

    [Fact]
    public async Task A_node_without_power_is_out_of_the_service_within_a_minute()
    {
        await using var cluster = await StartClusterAsync(nodes: 3);
        cluster.Images.Add("shop/stock", app => app.MapGet("/", () => "7 pieces"));
        await cluster.ApplyYamlAsync(Manifest);
        await cluster.Deployment("stock").ShouldBeAvailableAsync();
        var pods = await cluster.Client.ListAsync<V1Pod>("default", "app=stock");
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(1));            // nodes that have just come are given longer
        cluster.Node(pods[0].Spec.NodeName).Kill();
        var killed = cluster.Clock.Elapsed;
        await cluster.Service("stock").ShouldHaveEndpointsAsync(1);
        (cluster.Clock.Elapsed - killed).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        cluster.Node(pods[0].Spec.NodeName).Start();                          // the machine boots
        await cluster.Service("stock").ShouldHaveEndpointsAsync(2);
    }
}

public partial class StockSpecs
{
    [Fact]
    public async Task The_stock_is_asked_for_in_vain_while_the_network_is_cut_and_slowly_on_a_slow_one()
    {
        await using var cluster = await StartClusterAsync(nodes: 2);
        cluster.Images.Add("shop/stock", app => app.MapGet("/", () => "7 pieces"));
        await cluster.ApplyYamlAsync(Manifest);
        await cluster.Deployment("stock").ShouldBeAvailableAsync();
        await cluster.ApplyYamlAsync("apiVersion: v1\nkind: Pod\nmetadata:\n  name: client\nspec:\n  containers:\n  - name: c\n    image: registry.k8s.io/pause");
        await cluster.Pod("client").ShouldBeReadyAsync();
        var client = cluster.Pod("client").CreateHttpClient(timeout: TimeSpan.FromSeconds(10));

        await using (await cluster.Faults.AddAsync(Fault.Partition().Between(Pods.Named("client"), Pods.Labeled("app=stock"))))
        {
            await Should.ThrowAsync<TaskCanceledException>(() => client.GetStringAsync("http://stock"));
            cluster.Network.Trace("client", "stock").ShouldNotArrive("Fault");
        }

        await cluster.Faults.AddAsync(Fault.Latency(TimeSpan.FromMilliseconds(200)).Between(Pods.Named("client"), Pods.Labeled("app=stock")).For(TimeSpan.FromMinutes(5)));
        var asked = cluster.Clock.Elapsed;
        (await client.GetStringAsync("http://stock")).ShouldBe("7 pieces");
        (cluster.Clock.Elapsed - asked).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(400));
    }
}

public partial class StockSpecs
{
    [ClusterTheory(Runs = 3)]                                                 // 100 on a night
    public async Task The_stock_answers_again_after_whatever_happens_to_the_nodes()
    {
        await using var cluster = await StartClusterAsync(nodes: 3);
        cluster.Images.Add("shop/stock", app => app.MapGet("/", () => "7 pieces"));
        await cluster.ApplyYamlAsync(Manifest);
        await cluster.Deployment("stock").ShouldBeAvailableAsync();
        var faults = DrawFaults(cluster, count: 4, during: TimeSpan.FromMinutes(10));
        await faults.RunAsync(cluster);
        await cluster.Deployment("stock").ShouldBeAvailableAsync(within: TimeSpan.FromMinutes(30));
        await cluster.Service("stock").ShouldHaveEndpointsAsync(2);
    }
}
