using Microsoft.AspNetCore.Builder;

namespace ActorCluster.TestKit.Tests;

/// <summary>A run with a bit of everything, of which the packet log is compared.</summary>
internal static class ReplayScenario
{
    public static async Task<string> RunAsync(int seed)
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Nodes = 3, Seed = seed, LogPackets = true });
        cluster.Images.Add("shop/cart:*", app => app.MapGet("/", () => "cart"));
        await cluster.ApplyAsync("configs/shop.yml");
        await cluster.Deployment("cart").ShouldBeAvailableAsync(replicas: 3);
        await cluster.Pod("client").ShouldBeReadyAsync();
        using var client = cluster.Pod("client").CreateHttpClient();
        // At the same time, in the cluster's own order.
        var answers = await cluster.RunAsync(() => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetStringAsync("http://cart"))));
        await cluster.Pod("client").ExecAsync("wget", "-qO-", "http://cart");
        cluster.Node("worker-2").Kill();
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(2));
        await cluster.Node("worker-2").ShouldBeNotReadyAsync();
        // Connections of before may lead to a pod of the lost node.
        using var fresh = cluster.Pod("client").CreateHttpClient();
        var last = await fresh.GetStringAsync("http://cart");
        var pods = await cluster.Client.ListAsync<k8s.Models.V1Pod>();
        return $"{string.Join(' ', answers)} {last}\n{string.Join('\n', pods.Select(pod => $"{pod.Metadata.Name} {pod.Metadata.Uid} {pod.Spec.NodeName} {pod.Status.PodIP} {pod.Status.StartTime:O}"))}\n{cluster.Network.PacketLog}";
    }
}
