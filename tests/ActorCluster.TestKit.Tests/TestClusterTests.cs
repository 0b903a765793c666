using ActorCluster.Contracts.Client;
using k8s;
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

    private const string Teams = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: teams.example.com
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: teams, singular: team, kind: Team}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec: {type: object, properties: {size: {type: integer, minimum: 1}}}
        ---
        apiVersion: example.com/v1
        kind: Team
        metadata: {name: red}
        spec: {size: {0}}
        """;

    private static readonly TestClusterOptions Bare = new() { ClusterDns = false };

    [Theory]
    [InlineData(ClusterTime.Virtual)]
    [InlineData(ClusterTime.Real)]
    public async Task A_manifest_may_define_a_kind_and_go_on_with_objects_of_it(ClusterTime time)
    {
        await using var cluster = await TestCluster.StartAsync(Bare with { Nodes = 0, Time = time });
        await cluster.ApplyYamlAsync(Teams.Replace("{0}", "3", StringComparison.Ordinal));
        using var client = await cluster.CreateKubernetesClientAsync();
        var team = await client.CustomObjects.GetNamespacedCustomObjectAsync<System.Text.Json.Nodes.JsonObject>("example.com", "v1", "default", "teams", "red");
        ((int)team["spec"]!["size"]!).ShouldBe(3);
        (await Should.ThrowAsync<ApiStatusException>(cluster.ApplyYamlAsync(Teams.Replace("{0}", "0", StringComparison.Ordinal)))).Message.ShouldContain("spec.size");
    }

    [Fact]
    public async Task A_kind_that_nobody_defines_is_no_kind()
    {
        await using var cluster = await TestCluster.StartAsync(Bare with { Nodes = 0 });
        (await Should.ThrowAsync<FormatException>(cluster.ApplyYamlAsync("apiVersion: example.com/v1\nkind: Team\nmetadata: {name: red}\n")))
            .Message.ShouldBe("no matches for kind \"Team\" in version \"example.com/v1\"");
    }

    [Theory]
    [InlineData(ClusterTime.Virtual)]
    [InlineData(ClusterTime.Real)]
    public async Task A_manifest_is_applied_and_its_pod_runs(ClusterTime time)
    {
        await using var cluster = await TestCluster.StartAsync(Bare with { Nodes = 2, Time = time });
        cluster.NodeNames.ShouldBe(["worker-1", "worker-2"]);
        await cluster.ApplyYamlAsync(Settings.Replace("{0}", "red", StringComparison.Ordinal));
        var pod = await cluster.Pod("p").ShouldBeRunningAsync();
        pod.Spec.NodeName.ShouldBeOneOf("worker-1", "worker-2");
        await cluster.ApplyYamlAsync("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: blue\n");
        (await cluster.Client.GetAsync<V1ConfigMap>("default", "settings"))!.Data["colour"].ShouldBe("blue");
        cluster.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Clusters_side_by_side_share_nothing()
    {
        await using var one = await TestCluster.StartAsync(Bare);
        await using var two = await TestCluster.StartAsync(Bare);
        await one.ApplyYamlAsync("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: here\n");
        (await one.Client.GetAsync<V1ConfigMap>("default", "here")).ShouldNotBeNull();
        (await two.Client.GetAsync<V1ConfigMap>("default", "here")).ShouldBeNull();
    }

    [Fact]
    public async Task A_wait_that_fails_says_what_for_and_how_things_were()
    {
        await using var cluster = await TestCluster.StartAsync(Bare);
        await cluster.ApplyYamlAsync("apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: c\n    image: no/such-image\n");
        var before = cluster.Clock.Elapsed;
        var error = await Should.ThrowAsync<ClusterAssertionException>(cluster.Pod("p").ShouldBeRunningAsync(within: TimeSpan.FromMinutes(1)));
        (cluster.Clock.Elapsed - before).ShouldBe(TimeSpan.FromMinutes(1));
        error.Message.ShouldContain("Pod default/p should be Running");
        error.Message.ShouldContain("container c (no/such-image): waiting: ImagePullBackOff");
        error.Message.ShouldContain("Warning Failed");
        error.Message.ShouldContain("cluster.Images.Add(\"no/such-image\", app => ...)");
        error.Message.ShouldContain("node worker-1: Ready True");
        error.Message.ShouldContain($"seed {cluster.Seed}");
    }

    [Fact]
    public async Task While_time_is_paused_an_assertion_holds_at_once_or_fails()
    {
        await using var cluster = await TestCluster.StartAsync(Bare);
        var before = cluster.Clock.Elapsed;
        using (cluster.Clock.Pause())
        {
            var error = await Should.ThrowAsync<ClusterAssertionException>(cluster.Pod("p").ShouldBeRunningAsync());
            error.Message.ShouldContain("Time is paused");
            cluster.Clock.Elapsed.ShouldBe(before);
            await cluster.Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
            cluster.Clock.Elapsed.ShouldBe(before + TimeSpan.FromSeconds(1));
        }
        cluster.Clock.IsPaused.ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_api_refuses_is_thrown_in_its_words()
    {
        await using var cluster = await TestCluster.StartAsync(Bare with { Nodes = 0 });
        var error = await Should.ThrowAsync<ApiStatusException>(cluster.ApplyYamlAsync("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Not_A_Name\n"));
        error.Reason.ShouldBe("Invalid");
        (await Should.ThrowAsync<FormatException>(cluster.ApplyYamlAsync("apiVersion: example.com/v1\nkind: Teapot\nmetadata:\n  name: t\n"))).Message.ShouldContain("no matches for kind \"Teapot\"");
    }
}
