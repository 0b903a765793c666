using System.Text.Json.Nodes;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Tests.Support;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Pods;

/// <summary>What others ask a pod for by streams: exec, attach, port-forward, lookups, traces.</summary>
public class PodStreamSpecs(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public async Task Exec_gives_the_exit_code_and_says_in_runcs_words_what_is_not_there()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod());
        (await ExecAsync("web", "main", "/bin/exit", "7")).Exit.ExitCode.ShouldBe(7);
        (await ExecAsync("web", "main", "foo")).Exit.Message.ShouldNotBeNull().ShouldEndWith(
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"foo\": executable file not found in $PATH: unknown");
        var refused = await Should.ThrowAsync<ContainerStreamException>(() => ExecAsync("web", "nobody", "/bin/exit", "0"));
        refused.Message.ShouldBe("container not found (\"nobody\")");
    }

    [Fact]
    public async Task A_container_that_is_killed_from_outside_ends_at_once_however_stubborn_it_is()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod(restartPolicy: "Never", containers: [TestPods.Container("main", "test/sleeper", "/bin/stubborn")]));
        using var peer = new TestPeer();
        await HandleAsync(new KillContainerRequest("default", "web", Pod().Metadata.Uid, "main"), peer);
        await EventuallyAsync(() => Pod().Status.ContainerStatuses[0].State.Terminated.ShouldNotBeNull().ShouldSatisfyAllConditions(end => end.ExitCode.ShouldBe(137), end => end.Reason.ShouldBe("Error")));
        await Should.ThrowAsync<ContainerStreamException>(() => HandleAsync(new KillContainerRequest("default", "web", Pod().Metadata.Uid, "main"), peer));
    }

    [Fact]
    public async Task Attach_gives_what_is_written_from_now_on_and_passes_input_once()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper", "/bin/cat");
        (container.Stdin, container.StdinOnce) = (true, true);
        await RunAsync(TestPods.Pod(restartPolicy: "Never", containers: [container]));
        using var peer = new TestPeer();
        var attached = HandleAsync(new AttachRequest("default", "web", Pod().Metadata.Uid, "main", true, true, true, false), peer);
        peer.Send("hello");
        await EventuallyAsync(() => peer.Stdout.ShouldBe("hello"));
        peer.CloseInput();
        await attached;
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Succeeded"));
        (await LogsAsync()).ShouldBe("hello");
    }

    [Fact]
    public async Task Attach_to_a_container_that_ended_before_anybody_was_attached_gives_all_that_it_said()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper", "/bin/say", "done");
        (container.Stdin, container.StdinOnce) = (true, true);
        Api.Put(TestPods.Pod(restartPolicy: "Never", containers: [container]));
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Succeeded"));
        var request = new AttachRequest("default", "web", Pod().Metadata.Uid, "main", true, true, true, false);
        using var first = new TestPeer();
        await HandleAsync(request, first);
        first.Stdout.ShouldStartWith("done");
        using var second = new TestPeer();
        (await Should.ThrowAsync<ContainerStreamException>(() => HandleAsync(request, second))).Message.ShouldBe("container main not found in pod web_default");
    }

    [Fact]
    public async Task Who_reads_the_log_before_attaching_gets_everything_once()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper", "/bin/say", "done");
        (container.Stdin, container.StdinOnce) = (true, true);
        Api.Put(TestPods.Pod(restartPolicy: "Never", containers: [container]));
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Succeeded"));
        (await LogsAsync(tail: 0)).ShouldBeEmpty();
        (await LogsAsync()).ShouldStartWith("done");
        using var peer = new TestPeer();
        await HandleAsync(new AttachRequest("default", "web", Pod().Metadata.Uid, "main", true, true, true, false), peer);
        peer.Stdout.ShouldBeEmpty();
    }

    [Fact]
    public async Task Port_forward_reaches_a_port_on_the_pods_localhost()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper", "/bin/listen", "80")]));
        await EventuallyAsync(() => LogsAsync().GetAwaiter().GetResult().ShouldBe("listening\n"));
        using var peer = new TestPeer();
        await HandleAsync(new PortForwardRequest("default", "web", Pod().Metadata.Uid, 80), peer);
        peer.Stdout.ShouldBe("hello\n");
    }

    [Fact]
    public async Task A_lookup_answers_as_the_pods_own_resolver_would()
    {
        await StartAsync();
        var pod = await RunAsync(TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper", "/bin/listen", "80")]));
        async Task<JsonNode> LookUpAsync(string name)
        {
            using var peer = new TestPeer();
            await HandleAsync(new LookupRequest("default", "web", pod.Metadata.Uid, name), peer);
            return JsonNode.Parse(peer.Stdout)!;
        }

        var own = await LookUpAsync("web");
        var addresses = pod.Status.PodIPs.Select(ip => ip.Ip).ToArray();
        own["addresses"]!.AsArray().Select(address => address!.GetValue<string>()).ShouldBe(addresses, ignoreOrder: true);
        own["steps"]![0]!["detail"]!.GetValue<string>().ShouldStartWith($"/etc/hosts says {addresses[0]}");
        // No pod serves DNS here, and the name server's address belongs to no service.
        var other = LookUpAsync("nowhere");
        await EventuallyAsync(() => other.IsCompleted.ShouldBeTrue(), TimeSpan.FromSeconds(1));
        var answer = await other;
        (answer["fault"]!.GetValue<string>(), answer["addresses"]).ShouldBe(("TryAgain", null));
        answer["steps"]!.AsArray().Select(step => step!["detail"]!.GetValue<string>()).ShouldContain("A nowhere.default.svc.cluster.local, asked 10.96.0.10: no answer");
    }

    [Fact]
    public async Task A_trace_to_a_pod_says_whether_a_program_listens()
    {
        await StartAsync();
        var pod = await RunAsync(TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper", "/bin/listen", "80")]));
        await EventuallyAsync(() => LogsAsync().GetAwaiter().GetResult().ShouldBe("listening\n"));
        using var peer = new TestPeer();
        await HandleAsync(new TraceRequest("tcp", "172.18.0.1", 0, pod.Status.PodIP, 80, 64, true), peer);
        var report = JsonNode.Parse(peer.Stdout)!;
        (report["outcome"]!.GetValue<string>(), report["steps"]!.AsArray()[^2]!["detail"]!.GetValue<string>()).ShouldBe(("Delivered", $"to pod default/web, {pod.Status.PodIP}"));
        using var other = new TestPeer();
        await HandleAsync(new TraceRequest("tcp", "172.18.0.1", 0, pod.Status.PodIP, 81, 64, true), other);
        JsonNode.Parse(other.Stdout)!["reason"]!.GetValue<string>().ShouldBe("NoListener");
        var bad = await Should.ThrowAsync<ContainerStreamException>(() => HandleAsync(new TraceRequest("tcp", "nonsense", 0, pod.Status.PodIP, 81, 64, true), other));
        (bad.StatusCode, bad.Message).ShouldBe((400, "'nonsense' is no source"));
    }
}
