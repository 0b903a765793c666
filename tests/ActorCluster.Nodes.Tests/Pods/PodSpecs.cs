using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;
using Xunit.Abstractions;
using static ActorCluster.Nodes.Tests.Support.TestPods;

namespace ActorCluster.Nodes.Tests.Pods;

public class PodSpecs(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public async Task A_pod_bound_to_the_node_runs_and_says_so()
    {
        await StartAsync();
        var pod = await RunAsync(TestPods.Pod());
        pod.Status.ShouldSatisfyAllConditions(
            status => status.PodIP.ShouldBe("10.244.0.2"),
            status => status.HostIP.ShouldBe("172.18.0.1"),
            status => status.QosClass.ShouldBe("BestEffort"),
            status => status.Conditions.ShouldAllBe(condition => condition.Status == "True"),
            status => status.Conditions.Select(condition => condition.Type).Order().ShouldBe(["ContainersReady", "Initialized", "PodReadyToStartContainers", "PodScheduled", "Ready"]));
        Container().ShouldSatisfyAllConditions(
            status => status.State.Running.ShouldNotBeNull(),
            status => status.Image.ShouldBe("docker.io/test/sleeper:latest"),
            status => status.ContainerID.ShouldStartWith("actorcluster://"),
            status => status.Ready.ShouldBeTrue());
        await EventuallyAsync(() => Events("Started").ShouldBe(["Container started"]));
        Events("Pulled").ShouldHaveSingleItem().ShouldStartWith("Successfully pulled image \"test/sleeper\" in ");
        Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pod_that_starts_at_once_costs_one_status_write()
    {
        await StartAsync();
        Api.Put(TestPods.Pod());
        // No time passes, so that what waits for time isn't written.
        await EventuallyAsync(() => (Pod().Status?.Phase).ShouldBe("Running"), TimeSpan.Zero);
        await RunAsync(TestPods.Pod("marker"));
        Api.Writes.Count(write => write == "Patch pods/default/web/status").ShouldBe(1);
    }

    [Fact]
    public async Task An_image_that_nobody_knows_is_ErrImagePull_and_the_event_names_those_that_exist()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(containers: [TestPods.Container("main", "foo")]));
        await EventuallyAsync(() => Events("Failed").ShouldContain("Failed to pull image \"foo\": no emulated image \"foo\"; images that exist: test/other, test/sleeper"));
        await EventuallyAsync(() => Container().State.Waiting.Reason.ShouldBe("ImagePullBackOff"), TimeSpan.FromMilliseconds(100));
        await EventuallyAsync(() => Events("BackOff").ShouldContain("Back-off pulling image \"foo\""));
        Pod().Status.Phase.ShouldBe("Pending");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_start_error_in_runcs_words()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(restartPolicy: "Never", containers: [TestPods.Container("main", "test/sleeper", "nonsense")]));
        await EventuallyAsync(() => (Pod().Status?.Phase).ShouldBe("Failed"));
        Container().State.Terminated.ShouldSatisfyAllConditions(
            ended => ended.Reason.ShouldBe("StartError"),
            ended => ended.ExitCode.ShouldBe(128),
            ended => ended.Message.ShouldContain("exec: \"nonsense\": executable file not found in $PATH: unknown"));
    }

    [Fact]
    public async Task A_crash_loop_runs_on_the_clusters_clock_and_keeps_the_log_of_the_instance_before()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper", "/bin/write", "/dev/termination-log", "alas", "3")]));
        await EventuallyAsync(() => (Container().State.Waiting?.Reason).ShouldBe("CrashLoopBackOff"));
        Container().ShouldSatisfyAllConditions(
            status => status.RestartCount.ShouldBe(1),
            status => status.State.Waiting.Message.ShouldBe("back-off 10s restarting failed container=main pod=web_default(uid-of-web)"),
            status => status.LastState.Terminated.ExitCode.ShouldBe(3),
            status => status.LastState.Terminated.Reason.ShouldBe("Error"),
            status => status.LastState.Terminated.Message.ShouldBe("alas"));
        var second = Container().LastState.Terminated.FinishedAt!.Value;
        await EventuallyAsync(() => Container().RestartCount.ShouldBe(2), TimeSpan.FromMilliseconds(200));
        (Container().LastState.Terminated.FinishedAt!.Value - second).TotalSeconds.ShouldBeInRange(9, 12);
        await EventuallyAsync(() => Events("BackOff").ShouldContain("Back-off restarting failed container main in pod web_default(uid-of-web)"));
    }

    [Fact]
    public async Task Logs_are_those_of_the_instance_that_is_meant()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(restartPolicy: "OnFailure", containers: [TestPods.Container("main", "test/sleeper", "/bin/say", "one", "two")]));
        await EventuallyAsync(() => (Pod().Status?.Phase).ShouldBe("Succeeded"));
        (await LogsAsync()).ShouldBe("one two\n");
        (await LogsAsync(timestamps: true)).ShouldMatch(@"^2026-01-01T00:00:\d\d\.\d{9}Z one two\n$");
        var refused = await Should.ThrowAsync<ContainerStreamException>(() => LogsAsync(previous: true));
        refused.Message.ShouldBe("previous terminated container \"main\" in pod \"web\" not found");
    }

    [Fact]
    public async Task A_failed_pod_with_policy_Never_keeps_its_exit_code()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(restartPolicy: "Never", containers: [TestPods.Container("main", "test/sleeper", "/bin/exit", "42")]));
        await EventuallyAsync(() => (Pod().Status?.Phase).ShouldBe("Failed"));
        Container().State.Terminated.ExitCode.ShouldBe(42);
        Container().RestartCount.ShouldBe(0);
        Pod().Status.Conditions.Single(condition => condition.Type == "Ready").Reason.ShouldBe("PodFailed");
    }

    [Fact]
    public async Task A_deleted_pod_gets_SIGTERM_and_is_removed_when_it_has_ended()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod());
        await Client.DeleteAsync<V1Pod>("default", "web");
        await EventuallyAsync(() => Api.Find<V1Pod>("default", "web").ShouldBeNull(), TimeSpan.FromMilliseconds(200));
        await EventuallyAsync(() => Events("Killing").ShouldBe(["Stopping container main"]));
        await PodActorShouldBeGoneAsync("web");
        Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pod_that_does_not_listen_is_killed_when_its_grace_is_over()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod(grace: 5, containers: [TestPods.Container("main", "test/sleeper", "/bin/stubborn")]));
        var asked = Clock.GetUtcNow();
        await Client.DeleteAsync<V1Pod>("default", "web");
        await EventuallyAsync(() => Api.Find<V1Pod>("default", "web").ShouldBeNull(), TimeSpan.FromMilliseconds(100));
        (Clock.GetUtcNow() - asked).ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task The_last_status_before_removal_tells_how_the_containers_ended()
    {
        await StartAsync();
        var pod = TestPods.Pod(grace: 1, containers: [TestPods.Container("main", "test/sleeper", "/bin/stubborn")]);
        pod.Metadata.Finalizers = ["example.com/wait"];
        await RunAsync(pod);
        Api.Put(Deleted(Pod(), Clock.GetUtcNow(), 1));
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Failed"), TimeSpan.FromMilliseconds(100));
        Container().State.Terminated.ExitCode.ShouldBe(137);
    }

    [Fact]
    public async Task A_preStop_hook_runs_before_SIGTERM()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper");
        container.Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler { Sleep = new V1SleepAction { Seconds = 4 } } };
        await RunAsync(TestPods.Pod(containers: [container]));
        var asked = Clock.GetUtcNow();
        await Client.DeleteAsync<V1Pod>("default", "web");
        await EventuallyAsync(() => Api.Find<V1Pod>("default", "web").ShouldBeNull(), TimeSpan.FromMilliseconds(100));
        (Clock.GetUtcNow() - asked).ShouldBeInRange(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_failing_postStart_hook_ends_the_instance()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper");
        container.Lifecycle = new V1Lifecycle { PostStart = new V1LifecycleHandler { Exec = new V1ExecAction { Command = ["/bin/exit", "1"] } } };
        Api.Put(TestPods.Pod(grace: 1, containers: [container]));
        await EventuallyAsync(() => Events("FailedPostStartHook").ShouldContain("PostStartHook failed"));
        await EventuallyAsync(() => Container().RestartCount.ShouldBeGreaterThan(0));
    }

    [Fact]
    public async Task Containers_of_a_pod_share_localhost_and_an_emptyDir()
    {
        await StartAsync();
        var server = TestPods.Container("server", "test/sleeper", "/bin/listen", "80");
        var client = TestPods.Container("client", "test/sleeper", "/bin/stubborn");
        server.VolumeMounts = [new V1VolumeMount { Name = "shared", MountPath = "/here" }];
        client.VolumeMounts = [new V1VolumeMount { Name = "shared", MountPath = "/there" }];
        var pod = TestPods.Pod(containers: [server, client]);
        pod.Spec.Volumes = [new V1Volume { Name = "shared", EmptyDir = new V1EmptyDirVolumeSource() }];
        await RunAsync(pod);
        await EventuallyAsync(() => LogsAsync(container: "server").GetAwaiter().GetResult().ShouldBe("listening\n"));

        (await ExecAsync("web", "client", "/bin/connect", "127.0.0.1", "80")).Stdout.ShouldBe("hello\n");
        (await ExecAsync("web", "server", "/bin/write", "/here/note", "for you")).Exit.ExitCode.ShouldBe(0);
        (await ExecAsync("web", "client", "/bin/cat", "/there/note")).Stdout.ShouldBe("for you");
    }

    [Fact]
    public async Task Two_containers_of_a_pod_cannot_listen_on_one_port()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(restartPolicy: "Never", containers: [TestPods.Container("one", "test/sleeper", "/bin/listen", "80"), TestPods.Container("two", "test/sleeper", "/bin/listen", "80")]));
        await EventuallyAsync(() => (Pod().Status?.ContainerStatuses?.Count(status => status.State.Terminated is not null)).ShouldBe(1));
        var loser = Pod().Status.ContainerStatuses.Single(status => status.State.Terminated is not null).Name;
        (await LogsAsync(container: loser)).ShouldBe("listen: Address already in use\n");
    }

    [Fact]
    public async Task Pods_reach_one_another_and_a_port_that_nobody_listens_on_refuses()
    {
        await StartAsync();
        var server = await RunAsync(TestPods.Pod("server", containers: [TestPods.Container("main", "test/sleeper", "/bin/listen", "80")]));
        await EventuallyAsync(() => LogsAsync("server").GetAwaiter().GetResult().ShouldBe("listening\n"));
        await RunAsync(TestPods.Pod("client"));
        (await ExecAsync("client", "main", "/bin/connect", server.Status.PodIP, "80")).Stdout.ShouldBe("hello\n");
        (await ExecAsync("client", "main", "/bin/connect", server.Status.PodIP, "81")).Stdout.ShouldBe("connect: Connection refused\n");
    }

    [Fact]
    public async Task A_readiness_probe_asks_from_the_node_and_decides_about_Ready()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper", "/bin/stubborn");
        container.ReadinessProbe = new V1Probe { TcpSocket = new V1TCPSocketAction { Port = 80 }, PeriodSeconds = 2, FailureThreshold = 1 };
        await RunAsync(TestPods.Pod(containers: [container]));
        await EventuallyAsync(() => Events("Unhealthy").ShouldContain("Readiness probe failed: dial tcp 10.244.0.2:80: connect: connection refused"));
        Container().Ready.ShouldBeFalse();

        var peer = new TestPeer();
        var listening = HandleAsync(new ExecRequest("default", "web", Pod().Metadata.Uid, "main", ["/bin/listen", "80"], false, true, true, false), peer);
        await EventuallyAsync(() => Container().Ready.ShouldBeTrue(), TimeSpan.FromMilliseconds(100));
        listening.IsCompleted.ShouldBeFalse();
        Container().RestartCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_failing_liveness_probe_restarts_the_container()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper");
        container.LivenessProbe = new V1Probe { Exec = new V1ExecAction { Command = ["/bin/exists", "/alive"] }, PeriodSeconds = 1, FailureThreshold = 2 };
        await RunAsync(TestPods.Pod(containers: [container]));
        await EventuallyAsync(() => Container().RestartCount.ShouldBe(1), TimeSpan.FromMilliseconds(100));
        await EventuallyAsync(() => Events("Killing").ShouldContain("Container main failed liveness probe, will be restarted"));
    }

    [Fact]
    public async Task A_startup_probe_holds_the_others_back()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper");
        container.StartupProbe = new V1Probe { Exec = new V1ExecAction { Command = ["/bin/exists", "/started"] }, PeriodSeconds = 1, FailureThreshold = 1000 };
        container.LivenessProbe = new V1Probe { Exec = new V1ExecAction { Command = ["/bin/exit", "0"] }, PeriodSeconds = 1 };
        await RunAsync(TestPods.Pod(containers: [container]));
        await EventuallyAsync(() => Events("Unhealthy").ShouldNotBeEmpty());
        Container().Started.ShouldBe(false);
        await ExecAsync("web", "main", "/bin/write", "/started", "");
        await EventuallyAsync(() => Container().Started.ShouldBe(true), TimeSpan.FromMilliseconds(100));
        Container().RestartCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_full_name_that_is_too_long_for_a_hostname_keeps_the_pod_from_starting()
    {
        await StartAsync();
        var pod = TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper")]);
        (pod.Spec.Hostname, pod.Spec.Subdomain, pod.Spec.SetHostnameAsFQDN) = (new string('h', 37), "s", true);
        pod.Spec.DnsConfig = new V1PodDNSConfig { Nameservers = ["1.1.1.1", "2.2.2.2", "3.3.3.3"] };
        Api.Put(pod);
        await EventuallyAsync(() => Events("FailedCreatePodSandBox").ShouldContain(
            $"Failed to create pod sandbox: failed to construct FQDN from pod hostname and cluster domain, FQDN {pod.Spec.Hostname}.s.default.svc.cluster.local is too long (64 characters is the max, 65 characters requested)"));
        Events("DNSConfigForming").ShouldContain("Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2");
        await EventuallyAsync(() => (Pod().Status.Phase, Container().State.Waiting.Reason).ShouldBe(("Pending", "ContainerCreating")));
    }

    [Fact]
    public async Task A_missing_configMap_is_waited_for_with_a_FailedMount_event()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper", "/bin/stubborn");
        container.VolumeMounts = [new V1VolumeMount { Name = "settings", MountPath = "/etc/settings" }];
        var pod = TestPods.Pod(containers: [container]);
        pod.Spec.Volumes = [new V1Volume { Name = "settings", ConfigMap = new V1ConfigMapVolumeSource { Name = "settings" } }];
        Api.Put(pod);
        await EventuallyAsync(() => Events("FailedMount").ShouldContain("MountVolume.SetUp failed for volume \"settings\" : configmap \"settings\" not found"));
        await EventuallyAsync(() => Pod().Status.ShouldNotBeNull().Phase.ShouldBe("Pending"));

        Api.Put(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "settings", NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["colour"] = "blue" } });
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Running"));
        (await ExecAsync("web", "main", "/bin/cat", "/etc/settings/colour")).Stdout.ShouldBe("blue");

        Api.Put(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "settings", NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["colour"] = "green" } });
        await EventuallyAsync(() => ExecAsync("web", "main", "/bin/cat", "/etc/settings/colour").GetAwaiter().GetResult().Stdout.ShouldBe("green"));
    }

    [Fact]
    public async Task A_variable_that_refers_to_nothing_is_CreateContainerConfigError()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper");
        container.Env = [new V1EnvVar { Name = "PASSWORD", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = "login", Key = "password" } } }];
        Api.Put(TestPods.Pod(containers: [container]));
        await EventuallyAsync(() => Container().State.Waiting.Reason.ShouldBe("CreateContainerConfigError"));
        Container().State.Waiting.Message.ShouldBe("secret \"login\" not found");
        Api.Put(new V1Secret { Metadata = new V1ObjectMeta { Name = "login", NamespaceProperty = "default" }, Data = new Dictionary<string, byte[]> { ["password"] = [65] } });
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Running"));
    }

    [Fact]
    public async Task A_token_volume_holds_the_service_accounts_token()
    {
        await StartAsync();
        var container = TestPods.Container("main", "test/sleeper", "/bin/stubborn");
        container.VolumeMounts = [new V1VolumeMount { Name = "kube-api-access", MountPath = "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnlyProperty = true }];
        var pod = TestPods.Pod(containers: [container]);
        pod.Spec.Volumes =
        [
            new V1Volume
            {
                Name = "kube-api-access",
                Projected = new V1ProjectedVolumeSource
                {
                    Sources =
                    [
                        new V1VolumeProjection { ServiceAccountToken = new V1ServiceAccountTokenProjection { Path = "token", ExpirationSeconds = 3607 } },
                        new V1VolumeProjection { DownwardAPI = new V1DownwardAPIProjection { Items = [new V1DownwardAPIVolumeFile { Path = "namespace", FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.namespace" } }] } },
                    ],
                },
            },
        ];
        await RunAsync(pod);
        (await ExecAsync("web", "main", "/bin/cat", "/var/run/secrets/kubernetes.io/serviceaccount/token", "/var/run/secrets/kubernetes.io/serviceaccount/namespace")).Stdout.ShouldBe("token of default/defaultdefault");
    }

    [Fact]
    public async Task A_hostNetwork_pod_has_the_nodes_address()
    {
        await StartAsync();
        var pod = TestPods.Pod();
        pod.Spec.HostNetwork = true;
        (await RunAsync(pod)).Status.PodIP.ShouldBe("172.18.0.1");
    }

    [Fact]
    public async Task A_force_deleted_pod_is_ended_although_its_object_is_gone()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper", "/bin/listen", "80")]));
        await Client.DeleteAsync<V1Pod>("default", "web", new Contracts.Client.DeleteOptions { GracePeriodSeconds = 0 });
        await EventuallyAsync(() => Events("Killing").ShouldBe(["Stopping container main"]));
        await PodActorShouldBeGoneAsync("web");
    }

    [Fact]
    public async Task A_pod_that_the_node_has_no_room_for_fails_and_never_runs()
    {
        await StartAsync();
        var container = TestPods.Container("main");
        container.Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("9") } };
        Api.Put(TestPods.Pod(containers: [container]));
        await EventuallyAsync(() => (Pod().Status?.Phase).ShouldBe("Failed"));
        Pod().Status.Reason.ShouldBe("OutOfcpu");
        Pod().Status.Message.ShouldBe("Pod was rejected: Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 8000");
        await EventuallyAsync(() => Events("OutOfcpu").ShouldHaveSingleItem());
        Events("Started").ShouldBeEmpty();
    }

    [Fact]
    public async Task Logs_of_a_container_that_waits_say_what_for()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(init: [TestPods.Container("first")]));
        await EventuallyAsync(() => Container(container: "first").State.Running.ShouldNotBeNull());
        (await Should.ThrowAsync<ContainerStreamException>(() => LogsAsync())).Message.ShouldBe("container \"main\" in pod \"web\" is waiting to start: PodInitializing");
        Api.Put(TestPods.Pod("broken", containers: [TestPods.Container("main", "foo")]));
        await EventuallyAsync(() => Container("broken").State.Waiting.Reason.ShouldBe("ImagePullBackOff"), TimeSpan.FromMilliseconds(100));
        (await Should.ThrowAsync<ContainerStreamException>(() => LogsAsync("broken"))).Message.ShouldBe("container \"main\" in pod \"broken\" is waiting to start: trying and failing to pull image");
    }

    [Fact]
    public async Task A_container_actor_that_ends_is_a_container_that_was_killed()
    {
        await StartAsync(timings: ClusterTimings.Fast);
        await RunAsync(TestPods.Pod());
        var container = await Sys.ActorSelection(Nodes.Path / "node-1" / "default_web_uid-of-web" / "main").ResolveOne(Patience);
        Sys.Stop(container);
        await EventuallyAsync(() => Container().RestartCount.ShouldBe(1));
        Container().LastState.Terminated.ExitCode.ShouldBe(137);
    }
}
