using ActorCluster.Contracts.Streams;
using ActorCluster.TestKit.Faults;
using Xunit.Abstractions;

namespace ActorCluster.TestKit.Tests;

/// <summary>A fault that could do nothing, since there is no such node or pod, would let its test pass.</summary>
public sealed class MisspeltNameTests(ITestOutputHelper output) : ClusterTestKit(output)
{
    private const string NoNode = "There is no node worker-9; there are worker-1, worker-2.";
    private const string TwoPods = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec: {containers: [{name: c, image: busybox, command: [sleep, infinity]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client}
        spec: {nodeSelector: {no: where}, containers: [{name: c, image: busybox}]}
        """;

    private static readonly TestClusterOptions Two = new() { ClusterDns = false, Nodes = 2 };

    [Fact]
    public async Task What_is_to_happen_to_a_node_that_there_is_not_fails_at_once()
    {
        await using var cluster = await StartClusterAsync(Two);
        var none = cluster.Node("worker-9");
        foreach (var act in (Action[])[none.Kill, none.Start, () => none.Start("1", "1Gi"), none.Pause, none.Resume]) Should.Throw<ClusterAssertionException>(act).Message.ShouldBe(NoNode);
        (await Should.ThrowAsync<ClusterAssertionException>(none.StopAsync())).Message.ShouldBe(NoNode);
        (await Should.ThrowAsync<ClusterAssertionException>(none.SkewClockAsync(TimeSpan.FromHours(1)))).Message.ShouldBe(NoNode);
        cluster.NodeNames.ShouldBe(["worker-1", "worker-2"]);

        await using var one = await StartClusterAsync(Two with { Nodes = 1 });
        Should.Throw<ClusterAssertionException>(one.Node("worker-2").Kill).Message.ShouldBe("There is no node worker-2; there is worker-1.");
        await using var empty = await StartClusterAsync(Two with { Nodes = 0 });
        Should.Throw<ClusterAssertionException>(empty.Node("worker-1").Kill).Message.ShouldBe("There is no node worker-1; there are none.");
    }

    [Fact]
    public async Task A_schedule_with_a_node_that_there_is_not_fails_before_anything_of_it_happens()
    {
        await using var cluster = await StartClusterAsync(Two);
        var (at, time) = (TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        foreach (var fault in (ScheduledFault[])
            [new NodeCrash(at, time, "worker-9"), new NodeFreeze(at, time, "worker-9"), new ClockSkew(at, time, "worker-9", time), new NetworkTrouble(at, time, Fault.Partition().Of(Ends.Nodes("worker-9")))])
        {
            var before = cluster.Clock.Elapsed;
            var schedule = new FaultSchedule([new NodeFreeze(TimeSpan.Zero, at, "worker-1"), fault]);
            (await Should.ThrowAsync<ClusterAssertionException>(schedule.RunAsync(cluster))).Message.ShouldBe(NoNode);
            (await Should.ThrowAsync<ClusterAssertionException>(() => cluster.RunAsync(() => fault.BeginAsync(cluster)))).Message.ShouldBe(NoNode);
            cluster.Clock.Elapsed.ShouldBe(before);
        }
        // Nodes that were added are nodes.
        await cluster.AddNode("worker-9").ShouldBeReadyAsync();
        await new FaultSchedule([new NodeCrash(TimeSpan.Zero, time, "worker-9")]).RunAsync(cluster);
        await cluster.Node("worker-9").ShouldBeReadyAsync();
    }

    [Fact]
    public async Task A_fault_of_a_node_that_there_is_not_fails_at_once_and_one_of_pods_waits_for_them()
    {
        await using var cluster = await StartClusterAsync(Two);
        var (none, some) = (Ends.Nodes("worker-1", "worker-9"), Pods.Named("web"));
        foreach (var fault in (NetworkFault[])
            [Fault.Partition().Between(none, some), Fault.Loss(10).From(some, to: none), Fault.Pause().Of(Ends.Any(some, Ends.Any(none)))])
        {
            (await Should.ThrowAsync<ClusterAssertionException>(cluster.Faults.AddAsync(fault))).Message.ShouldBe(NoNode);
        }
        var added = await cluster.Faults.AddAsync(Fault.Partition().Between(some, Ends.Services("later")));
        added.Name.ShouldBe("fault 1");
    }

    [Fact]
    public async Task A_pod_that_there_is_not_cannot_be_killed_and_neither_can_a_container()
    {
        await using var cluster = await StartClusterAsync(Two);
        (await Should.ThrowAsync<ClusterAssertionException>(cluster.Pod("web").KillAsync())).Message.ShouldBe("There is no pod default/web; there are none in default.");
        await cluster.ApplyYamlAsync(TwoPods);
        await cluster.Pod("web").ShouldBeReadyAsync();
        const string none = "There is no pod default/nope; in default there are client, web.";
        (await Should.ThrowAsync<ClusterAssertionException>(cluster.Pod("nope").KillAsync())).Message.ShouldBe(none);
        (await Should.ThrowAsync<ClusterAssertionException>(cluster.Pod("nope").KillContainerAsync())).Message.ShouldBe(none);
        (await Should.ThrowAsync<ClusterAssertionException>(cluster.Pod("web", "kube-system").KillAsync())).Message
            .ShouldBe("There is no pod kube-system/web; there are none in kube-system, and one of that name in default.");
        (await Should.ThrowAsync<ContainerStreamException>(cluster.Pod("web").KillContainerAsync("nope"))).Message.ShouldContain("nope");
        (await Should.ThrowAsync<ContainerStreamException>(cluster.Pod("client").KillContainerAsync())).Message.ShouldContain("client");
    }
}
