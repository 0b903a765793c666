using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.TestKit.Tests;

public sealed class TestClusterTests
{
    private const string Settings = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: settings
        data:
          colour: {0}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: p
        spec:
          containers:
          - name: c
            image: registry.k8s.io/pause
        """;

    [Fact]
    public async Task A_manifest_is_applied_and_its_pod_runs()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, new TestClusterOptions { ClusterDns = false });
        cluster.NodeNames.ShouldBe(["worker-1", "worker-2"]);
        await cluster.ApplyYamlAsync(Settings.Replace("{0}", "red", StringComparison.Ordinal));
        var pod = await cluster.WaitForAsync<V1Pod>("default", "p", pod => pod.Status?.Phase == "Running");
        pod.Spec.NodeName.ShouldBeOneOf("worker-1", "worker-2");
        await cluster.ApplyYamlAsync("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: blue\n");
        (await cluster.Client.GetAsync<V1ConfigMap>("default", "settings"))!.Data["colour"].ShouldBe("blue");
    }

    [Fact]
    public async Task Clusters_side_by_side_share_nothing()
    {
        var options = new TestClusterOptions { ClusterDns = false };
        await using var one = await TestCluster.StartAsync(options: options);
        await using var two = await TestCluster.StartAsync(options: options);
        await one.ApplyYamlAsync("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: here\n");
        (await one.Client.GetAsync<V1ConfigMap>("default", "here")).ShouldNotBeNull();
        (await two.Client.GetAsync<V1ConfigMap>("default", "here")).ShouldBeNull();
    }

    [Fact]
    public async Task A_wait_that_fails_says_what_for_and_how_things_were()
    {
        await using var cluster = await TestCluster.StartAsync(options: new TestClusterOptions { ClusterDns = false });
        await cluster.ApplyYamlAsync("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: red\n");
        var error = await Should.ThrowAsync<TimeoutException>(cluster.WaitForAsync<V1ConfigMap>(
            "default", "settings", settings => settings.Data["colour"] == "blue", within: TimeSpan.FromMilliseconds(200)));
        error.Message.ShouldContain("""settings.Data["colour"] == "blue" """.TrimEnd());
        error.Message.ShouldContain("\"colour\":\"red\"");
        error.Message.ShouldContain($"seed {cluster.Seed}");
    }

    [Fact]
    public async Task What_the_api_refuses_is_thrown_in_its_words()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 0, new TestClusterOptions { ClusterDns = false });
        var error = await Should.ThrowAsync<ApiStatusException>(cluster.ApplyYamlAsync("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Not_A_Name\n"));
        error.Reason.ShouldBe("Invalid");
    }
}
