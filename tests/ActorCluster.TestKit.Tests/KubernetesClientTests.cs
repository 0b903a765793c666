using System.Net;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ActorCluster.TestKit.Tests;

/// <summary>The official client library against a cluster of a test.</summary>
public sealed class KubernetesClientTests
{
    [Fact]
    public async Task The_official_client_works_without_connections_and_its_watch_sees_what_happens()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Nodes = 1, ClusterDns = false });
        using var client = await cluster.CreateKubernetesClientAsync();
        (await client.CoreV1.ListNodeAsync()).Items.ShouldHaveSingleItem().Metadata.Name.ShouldBe("worker-1");
        (await Should.ThrowAsync<HttpOperationException>(client.CoreV1.ReadNamespacedPodAsync("none", "default"))).Response.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var running = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ended = new CancellationTokenSource();
        var watching = WatchAsync(client, running, ended.Token);
        await client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod { Metadata = new V1ObjectMeta { Name = "p" }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "registry.k8s.io/pause" }] } }, "default");
        (await running.Task.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe("p");
        await ended.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(watching);
    }

    [Fact]
    public async Task The_official_client_works_over_https_with_the_clusters_kubeconfig()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Nodes = 1, ClusterDns = false, Https = true });
        using var kubeconfig = new MemoryStream(Encoding.UTF8.GetBytes(cluster.KubeConfig));
        using var client = new Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(kubeconfig));
        (await client.CoreV1.ListNodeAsync()).Items.ShouldHaveSingleItem().Metadata.Name.ShouldBe("worker-1");
        await using var other = await TestCluster.StartAsync(new TestClusterOptions { Nodes = 0, ClusterDns = false });
        Should.Throw<InvalidOperationException>(() => other.KubeConfig).Message.ShouldContain("Https = true");
    }

    private static async Task WatchAsync(Kubernetes client, TaskCompletionSource<string> running, CancellationToken ended)
    {
        await foreach (var (_, pod) in client.CoreV1.WatchListNamespacedPodAsync("default", cancellationToken: ended))
            if (pod.Status.Phase == "Running") running.TrySetResult(pod.Metadata.Name);
    }
}
