using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Tests.Support;
using Akka.Actor;
using k8s.Models;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Agent;

public class NodeSpecs(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public async Task A_node_registers_and_is_not_ready_until_it_has_pod_addresses()
    {
        StartProcess("node-1");
        await EventuallyAsync(() => (Api.Find<V1Node>("", "node-1")?.Status?.Conditions).ShouldNotBeNull());
        var node = Api.Find<V1Node>("", "node-1")!;
        node.Metadata.Labels["kubernetes.io/hostname"].ShouldBe("node-1");
        node.Metadata.Annotations[WellKnown.ProcessAddressAnnotation].ShouldBe("akka://test");
        node.Metadata.Annotations[WellKnown.ProcessNameAnnotation].ShouldBe("worker-1");
        node.Status.NodeInfo.ContainerRuntimeVersion.ShouldStartWith("actorcluster://");
        node.Status.Capacity["pods"].ToString().ShouldBe("110");
        Ready("node-1").ShouldSatisfyAllConditions(
            ready => ready.Status.ShouldBe("False"),
            ready => ready.Reason.ShouldBe("KubeletNotReady"),
            ready => ready.Message.ShouldStartWith("container runtime network not ready"));

        await AllotAsync("node-1", "10.244.3.0/24");
        await EventuallyAsync(() => Ready("node-1").Status.ShouldBe("True"));
        Api.Find<V1Node>("", "node-1")!.Status.Addresses.Select(address => $"{address.Type} {address.Address}").ShouldBe(["InternalIP 172.18.0.4", "Hostname node-1"]);
        await EventuallyAsync(() => Events("NodeReady").ShouldBe(["Node node-1 status is now: NodeReady"]));
    }

    [Fact]
    public async Task A_node_says_what_it_has_enough_of_when_it_is_new_and_when_it_was_taken_for_lost()
    {
        string[] reasons = ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"];
        string[] conditions = ["MemoryPressure", "DiskPressure", "PIDPressure"];
        await StartAsync();
        foreach (var reason in reasons) await EventuallyAsync(() => Events(reason).ShouldBe([$"Node node-1 status is now: {reason}"]));
        await EventuallyAsync(() => Events("NodeAllocatableEnforced").ShouldBe(["Updated Node Allocatable limit across pods"]));

        await Nodes.GracefulStop(Patience);
        await StartAsync();
        await EventuallyAsync(() => Events("Rebooted").Count().ShouldBe(1));
        foreach (var reason in reasons) Events(reason).Count().ShouldBe(1);

        await Nodes.GracefulStop(Patience);
        var unknown = new JsonArray([.. conditions.Select(type => new JsonObject { ["type"] = type, ["status"] = "Unknown" })]);
        await Client.PatchAsync<V1Node>("", "node-1", new JsonObject { ["status"] = new JsonObject { ["conditions"] = unknown } }, "status");
        await StartAsync();
        foreach (var reason in reasons) await EventuallyAsync(() => Events(reason).Count().ShouldBe(2));
    }

    [Fact]
    public async Task A_node_that_is_started_again_says_that_it_was_rebooted()
    {
        await StartAsync();
        var first = BootId();
        Events("Rebooted").ShouldBeEmpty();

        await Nodes.GracefulStop(Patience);
        await StartAsync();

        await EventuallyAsync(() => Events("Rebooted").ShouldBe([$"Node node-1 has been rebooted, boot id: {BootId()}"]));
        BootId().ShouldNotBe(first);

        string BootId() => Api.Find<V1Node>("", "node-1")!.Status.NodeInfo.BootID;
    }

    [Fact]
    public async Task The_lease_is_renewed_at_a_quarter_of_its_duration()
    {
        await StartAsync();
        await EventuallyAsync(() => Api.Find<V1Lease>("kube-node-lease", "node-1").ShouldNotBeNull());
        var first = Lease().RenewTime!.Value;
        await EventuallyAsync(() => Lease().RenewTime!.Value.ShouldBeGreaterThan(first), TimeSpan.FromMilliseconds(100));
        (Lease().RenewTime!.Value - first).TotalSeconds.ShouldBeInRange(10, 11);
        Lease().LeaseDurationSeconds.ShouldBe(40);

        V1LeaseSpec Lease() => Api.Find<V1Lease>("kube-node-lease", "node-1")!.Spec;
    }

    [Fact]
    public async Task Pods_go_on_while_the_API_server_is_away_and_what_happened_is_told_when_it_is_back()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper", "/bin/cat");
        container.Stdin = true;
        await RunAsync(TestPods.Pod(restartPolicy: "Never", containers: [container]));
        using var peer = new TestPeer();
        var attached = HandleAsync(new Contracts.Streams.AttachRequest("default", "web", Pod().Metadata.Uid, "main", true, true, true, false), peer);
        Api.IsReachable = false;
        peer.Send("still here");
        await EventuallyAsync(() => peer.Stdout.ShouldBe("still here"));
        Sys.Stop(await Sys.ActorSelection(Nodes.Path / "node-1" / "default_web_uid-of-web" / "main").ResolveOne(Patience));
        await EventuallyAsync(() => attached.IsCompleted.ShouldBeTrue(), TimeSpan.FromSeconds(1));
        Pod().Status.Phase.ShouldBe("Running");

        Api.IsReachable = true;
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Failed"), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_killed_node_tells_nobody_and_a_returning_one_starts_its_pods_anew_and_drops_those_that_are_gone()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod());
        await RunAsync(TestPods.Pod("deleted"));
        var before = Api.Writes;
        (await Nodes.Ask<NodeStopped>(new KillNode("node-1"), Patience)).Name.ShouldBe("node-1");
        Api.Writes.Except(before).Where(write => write.Contains("pods/", StringComparison.Ordinal)).ShouldBeEmpty();
        Pod().Status.Phase.ShouldBe("Running");
        await Client.DeleteAsync<V1Pod>("default", "deleted");

        await StartAsync(address: "akka://elsewhere");
        await EventuallyAsync(() => Api.Find<V1Node>("", "node-1")!.Metadata.Annotations[WellKnown.ProcessAddressAnnotation].ShouldBe("akka://elsewhere"));
        await EventuallyAsync(() => Container().RestartCount.ShouldBe(1));
        Container().LastState.Terminated.ExitCode.ShouldBe(255);
        Pod().Status.Phase.ShouldBe("Running");
        await EventuallyAsync(() => Api.Find<V1Pod>("default", "deleted").ShouldBeNull());
        await EventuallyAsync(() => Events("SandboxChanged").ShouldContain("Pod sandbox changed, it will be killed and re-created."));
    }

    [Fact]
    public async Task A_node_whose_network_fails_begins_anew_from_what_the_API_says()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod());
        var network = await Sys.ActorSelection(Nodes.Path / "node-1" / "network").ResolveOne(Patience);
        await EventFilter.Exception<ActorKilledException>().ExpectOneAsync(() =>
        {
            network.Tell(Kill.Instance);
            return Task.CompletedTask;
        });
        await EventuallyAsync(() => Container().RestartCount.ShouldBe(1));
        Pod().Status.Phase.ShouldBe("Running");
    }

    [Fact]
    public async Task A_node_that_shuts_down_ends_its_pods_and_says_so()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod());
        var stopped = Nodes.Ask<NodeStopped>(new StopNode("node-1"), Patience);
        await EventuallyAsync(() => stopped.IsCompleted.ShouldBeTrue());
        Pod().Status.ShouldSatisfyAllConditions(
            status => status.Phase.ShouldBe("Failed"),
            status => status.Reason.ShouldBe("Terminated"),
            status => status.Message.ShouldBe("Pod was terminated in response to imminent node shutdown."));
        var disrupted = Pod().Status.Conditions.Single(condition => condition.Type == "DisruptionTarget");
        (disrupted.Status, disrupted.Reason, disrupted.Message).ShouldBe(("True", "TerminationByKubelet", "Pod was terminated in response to imminent node shutdown."));
        Ready("node-1").ShouldSatisfyAllConditions(
            ready => ready.Status.ShouldBe("False"),
            ready => ready.Reason.ShouldBe("KubeletNotReady"),
            ready => ready.Message.ShouldBe("node is shutting down"));
        await EventuallyAsync(() => Events("Shutdown").ShouldBe(["Shutdown manager detected shutdown event"]));
    }

    [Fact]
    public async Task Critical_pods_end_after_the_others_and_a_pod_that_comes_meanwhile_is_refused()
    {
        await StartAsync();
        var critical = TestPods.Pod("critical");
        critical.Spec.Priority = 2_000_001_000;
        await RunAsync(critical);
        await RunAsync(TestPods.Pod("stubborn", containers: [TestPods.Container("main", "test/sleeper", "/bin/stubborn")]));
        var stopped = Nodes.Ask<NodeStopped>(new StopNode("node-1"), TimeSpan.FromMinutes(5));

        await EventuallyAsync(() => Ready("node-1").Message.ShouldBe("node is shutting down"));
        Api.Put(TestPods.Pod("late"));
        await EventuallyAsync(() => Pod("late").Status.ShouldSatisfyAllConditions(
            status => status.Phase.ShouldBe("Failed"),
            status => status.Reason.ShouldBe("NodeShutdown"),
            status => status.Message.ShouldBe("Pod was rejected: Pod was rejected as the node is shutting down.")));
        Pod("critical").Status.Phase.ShouldBe("Running");

        // It has the 20 s of 30 that aren't the critical pods'.
        await EventuallyAsync(() => Pod("stubborn").Status.Phase.ShouldBe("Failed"));
        await EventuallyAsync(() => Pod("critical").Status.Phase.ShouldBe("Failed"));
        await EventuallyAsync(() => stopped.IsCompleted.ShouldBeTrue());
    }

    [Fact]
    public async Task A_node_that_was_taken_for_silent_says_that_it_is_ready_with_its_next_look_at_its_status()
    {
        await StartAsync();
        await Client.PatchAsync<V1Node>("", "node-1", new System.Text.Json.Nodes.JsonObject
        {
            ["status"] = new System.Text.Json.Nodes.JsonObject
            {
                ["conditions"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["type"] = "Ready", ["status"] = "Unknown", ["reason"] = "NodeStatusUnknown" }),
            },
        }, "status");
        var silent = Clock.GetUtcNow();

        await EventuallyAsync(() => Ready("node-1").Status.ShouldBe("True"), TimeSpan.FromMilliseconds(200));

        (Clock.GetUtcNow() - silent).ShouldBeLessThanOrEqualTo(ClusterTimings.Kubernetes.NodeStatusUpdateFrequency * 2);
    }

    [Fact]
    public async Task What_a_client_adds_to_a_nodes_capacity_pods_can_have_until_it_is_taken_away()
    {
        const string Resource = "example.com/beardsecond";
        await StartAsync();
        await SetCapacityAsync("12");
        await EventuallyAsync(() => Status().Allocatable.ShouldContainKey(Resource), TimeSpan.FromMilliseconds(200));
        (Status().Allocatable[Resource].ToString(), Status().Capacity[Resource].ToString(), Status().Allocatable["pods"].ToString()).ShouldBe(("12", "12", "110"));

        await SetCapacityAsync("5");
        await EventuallyAsync(() => Status().Allocatable[Resource].ToString().ShouldBe("5"), TimeSpan.FromMilliseconds(200));

        await SetCapacityAsync(null);
        await EventuallyAsync(() => Status().Allocatable.ShouldNotContainKey(Resource), TimeSpan.FromMilliseconds(200));
        Status().Capacity.Keys.Order().ShouldBe(["cpu", "ephemeral-storage", "memory", "pods"]);

        V1NodeStatus Status() => Api.Find<V1Node>("", "node-1")!.Status;

        Task<V1Node?> SetCapacityAsync(string? amount) =>
            Client.PatchAsync<V1Node>("", "node-1", new JsonObject { ["status"] = new JsonObject { ["capacity"] = new JsonObject { [Resource] = amount } } }, "status");
    }

    [Fact]
    public async Task A_census_counts_what_the_pods_account_for_and_nothing_of_those_that_went()
    {
        await StartAsync();
        var before = await Node().Ask<NodeCensus>(GetCensus.Instance, Patience);
        before.ShouldBe(new NodeCensus(0, 0, 0, 0, 0, before.OtherActors));
        await RunAsync(TestPods.Pod(containers: [TestPods.Container("main"), TestPods.Container("second")]));

        var one = await Node().Ask<NodeCensus>(GetCensus.Instance, Patience);
        (one.Pods, one.PodAddresses, one.OtherActors).ShouldBe((1, 1, before.OtherActors));
        one.PodActors.ShouldBeGreaterThanOrEqualTo(3); // the pod and its containers

        await Client.DeleteAsync<V1Pod>("default", "web", new Contracts.Client.DeleteOptions(GracePeriodSeconds: 0));
        await EventuallyAsync(() => Api.Find<V1Pod>("default", "web").ShouldBeNull());
        await PodActorShouldBeGoneAsync("web");
        await AwaitAssertAsync(async () => (await Node().Ask<NodeCensus>(GetCensus.Instance, Patience)).ShouldBe(before), Patience);
    }

    [Fact]
    public async Task Nodes_can_be_added_at_run_time()
    {
        await StartAsync();
        await Nodes.Ask<NodeAdded>(new AddNode(new NodeOptions("node-2")), Patience);
        await EventuallyAsync(() => Api.Find<V1Node>("", "node-2").ShouldNotBeNull());
        (await Nodes.Ask<HostedNodes>(new GetNodes(), Patience)).Names.ShouldBe(["node-1", "node-2"]);
        await Should.ThrowAsync<InvalidOperationException>(() => Nodes.Ask<NodeAdded>(new AddNode(new NodeOptions("node-2")), Patience));
    }

    [Fact]
    public async Task A_pod_actor_that_fails_is_made_anew_and_its_containers_count_as_restarted()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod());
        var pod = await Sys.ActorSelection(Nodes.Path / "node-1" / "default_web_uid-of-web").ResolveOne(Patience);
        Sys.Stop(pod);
        await EventuallyAsync(() => Container().RestartCount.ShouldBe(1), TimeSpan.FromMilliseconds(100));
        Pod().Status.Phase.ShouldBe("Running");
    }

    [Fact]
    public async Task A_pod_that_selects_a_label_which_its_node_was_given_later_runs_and_one_that_selects_another_fails()
    {
        await StartAsync();
        await Client.PatchAsync<V1Node>("", "node-1", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["disk"] = "fast" } } });
        var pod = TestPods.Pod();
        pod.Spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "fast" };
        await RunAsync(pod);
        var other = TestPods.Pod("other");
        other.Spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "slow" };
        await Client.CreateAsync(other);
        await EventuallyAsync(() => Api.Find<V1Pod>("default", "other")!.Status.ShouldSatisfyAllConditions(
            status => status.Phase.ShouldBe("Failed"),
            status => status.Reason.ShouldBe("NodeAffinity"),
            status => status.Message.ShouldBe("Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")));
    }

    [Fact]
    public async Task A_refused_pod_holds_no_host_port_and_one_that_is_gone_gives_its_own_back()
    {
        await StartAsync();
        await RunAsync(WithPort("web"));
        await Client.CreateAsync(WithPort("late"));
        await EventuallyAsync(() => (Api.Find<V1Pod>("default", "late")!.Status?.Reason).ShouldBe("NodePorts"));
        await Client.DeleteAsync<V1Pod>("default", "web", new DeleteOptions { GracePeriodSeconds = 0 });
        await EventuallyAsync(() => Api.Find<V1Pod>("default", "web").ShouldBeNull());
        await RunAsync(WithPort("next"));

        static V1Pod WithPort(string name)
        {
            var container = TestPods.Container("main");
            container.Ports = [new V1ContainerPort { ContainerPort = 80, HostPort = 21017 }];
            return TestPods.Pod(name, containers: [container]);
        }
    }
}
