using ActorCluster.TestKit.Faults;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Xunit.Abstractions;

namespace ActorCluster.TestKit.Tests;

/// <summary>Faults on virtual time.</summary>
public sealed class FaultTests(ITestOutputHelper output) : ClusterTestKit(output)
{
    private const string Shop = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}}
        spec: {nodeName: worker-1, containers: [{name: main, image: "shop/web:1"}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client}
        spec: {nodeName: worker-2, containers: [{name: main, image: busybox, command: [sleep, infinity]}]}
        """;

    [Fact]
    public async Task No_time_passes_for_a_connection_whose_request_was_given_up()
    {
        await using var cluster = await StartClusterAsync(new TestClusterOptions { ClusterDns = false, Nodes = 2 });
        var address = await OpenShopAsync(cluster);
        using var client = cluster.Pod("client").CreateHttpClient(timeout: TimeSpan.FromSeconds(5));

        await using (await cluster.Faults.AddAsync(Fault.Partition().From(Pods.Named("client"), Ends.Nodes("worker-1"))))
        {
            await Should.ThrowAsync<TaskCanceledException>(client.GetStringAsync(address));
            (await TimeOf(cluster, async () => (await cluster.Network.TraceAsync("client", "web:8080")).ToString())).ShouldBe(TimeSpan.Zero);
        }

        (await client.GetStringAsync(address)).ShouldBe("web");
    }

    [Fact]
    public async Task A_fault_holds_from_when_it_was_added_until_it_is_disposed_of_or_its_time_is_over()
    {
        await using var cluster = await StartClusterAsync(new TestClusterOptions { ClusterDns = false, Nodes = 2 });
        var address = await OpenShopAsync(cluster);
        using var client = cluster.Pod("client").CreateHttpClient(timeout: TimeSpan.FromSeconds(5));
        (await client.GetStringAsync(address)).ShouldBe("web");

        await using (await cluster.Faults.AddAsync(Fault.Latency(TimeSpan.FromMilliseconds(200)).Between(Pods.Labeled("app=web"), Pods.Named("client"))))
        {
            // A request there and an answer back.
            (await TimeOf(cluster, () => client.GetStringAsync(address))).ShouldBeInRange(TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(450));
        }
        (await TimeOf(cluster, () => client.GetStringAsync(address))).ShouldBeLessThan(TimeSpan.FromMilliseconds(50));

        var cut = await cluster.Faults.AddAsync(Fault.Partition().From(Pods.Named("client"), Ends.Nodes("worker-1")).For(TimeSpan.FromMinutes(1)));
        (await cluster.Network.TraceAsync("client", "web:8080")).ToString().ShouldContain("fault 2: drops everything");
        await Should.ThrowAsync<TaskCanceledException>(client.GetStringAsync(address));
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        cut.IsOver.ShouldBeTrue();
        (await client.GetStringAsync(address)).ShouldBe("web");
        await cut.DisposeAsync();

        FaultSchedule schedule = new([
            new NetworkTrouble(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20), Fault.Loss(100).Of(Pods.Named("web"))),
            new NetworkTrouble(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), Fault.Pause().Of(Pods.Of("default"))),
            new ControlPlaneCrash(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1))]);
        schedule.ToString().ShouldStartWith("00:00:01 to 00:00:21: loses 100%, pods default/web and anybody; ");
        var playing = schedule.RunAsync(cluster);
        await cluster.Clock.AdvanceAsync(TimeSpan.FromSeconds(10));
        await Should.ThrowAsync<TaskCanceledException>(client.GetStringAsync(address));
        await playing;
        (await client.GetStringAsync(address)).ShouldBe("web");
        cluster.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_container_that_is_killed_is_started_again_and_a_pod_that_is_killed_is_gone()
    {
        await using var cluster = await StartClusterAsync(new TestClusterOptions { ClusterDns = false });
        await cluster.ApplyYamlAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: busybox, command: [sleep, infinity]}]}\n");
        await cluster.Pod("p").ShouldBeReadyAsync();
        await cluster.Pod("p").KillContainerAsync();
        await cluster.Pod("p").ShouldBecomeAsync(pod => pod.Status.ContainerStatuses[0].RestartCount == 1 && pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode == 137);
        await cluster.Pod("p").KillAsync();
        await cluster.Pod("p").ShouldBeGoneAsync();
    }

    [Fact]
    public async Task While_the_control_plane_does_not_run_pods_go_on_and_nothing_is_made_of_changes_until_it_does()
    {
        await using var cluster = await StartClusterAsync(new TestClusterOptions { ClusterDns = false, Nodes = 2 });
        await cluster.ApplyYamlAsync(Deployment(2));
        await cluster.Deployment("web").ShouldBeAvailableAsync(replicas: 2);
        await cluster.ControlPlane.KillAsync();
        await cluster.ApplyYamlAsync(Deployment(3));
        cluster.Node("worker-2").Kill();
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(10));
        (await cluster.Client.ListAsync<V1Pod>("default")).Count.ShouldBe(2);
        (await cluster.Node("worker-2").GetAsync())!.Status.Conditions.Single(condition => condition.Type == "Ready").Status.ShouldBe("True"); // nobody has noticed

        await cluster.ControlPlane.StartAsync();
        await cluster.Node("worker-2").ShouldBeNotReadyAsync();
        await cluster.Deployment("web").ShouldBeAvailableAsync(replicas: 3);
        await cluster.Node("worker-1").ShouldBeReadyAsync();
    }

    [Fact]
    public async Task A_nodes_clock_may_be_wrong_for_its_pods_and_stay_wrong_when_it_is_started_anew()
    {
        await using var cluster = await StartClusterAsync(new TestClusterOptions { ClusterDns = false, Nodes = 2 });
        await cluster.ApplyYamlAsync(Shop.Replace("shop/web:1", "busybox, command: [sleep, infinity]", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal));
        await cluster.Pod("web").ShouldBeReadyAsync();
        await cluster.Pod("client").ShouldBeReadyAsync();
        await cluster.Node("worker-1").SkewClockAsync(TimeSpan.FromHours(-5));
        (await HourAt("web"), await HourAt("client")).ShouldBe(("19", "00"));

        cluster.Node("worker-1").Kill();
        cluster.Node("worker-1").Start();
        await cluster.Pod("web").ShouldBecomeAsync(pod => pod.Status.ContainerStatuses[0].RestartCount == 1 && pod.Status.ContainerStatuses[0].Ready);
        (await HourAt("web")).ShouldBe("19");
        await cluster.Node("worker-1").ShouldBeReadyAsync();
        await cluster.Node("worker-1").SkewClockAsync(TimeSpan.Zero);
        (await HourAt("web")).ShouldBe("00");
        cluster.Errors.ShouldBeEmpty();

        async Task<string> HourAt(string pod) => (await cluster.Pod(pod).ExecAsync("date", "+%H")).Stdout.Trim();
    }

    private static string Deployment(int replicas) => $$$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {replicas: {{{{replicas}}}}, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: nginx}]}}}
        """;

    /// <returns>Where the client finds the shop.</returns>
    private static async Task<string> OpenShopAsync(TestCluster cluster)
    {
        cluster.Images.Add("shop/web:*", app => app.MapGet("/", () => "web"));
        await cluster.ApplyYamlAsync(Shop);
        var web = await cluster.Pod("web").ShouldBeReadyAsync();
        await cluster.Pod("client").ShouldBeReadyAsync();
        return $"http://{web.Status.PodIP}:8080/";
    }

    private static async Task<TimeSpan> TimeOf(TestCluster cluster, Func<Task> work)
    {
        var before = cluster.Clock.Elapsed;
        await work();
        return cluster.Clock.Elapsed - before;
    }
}
