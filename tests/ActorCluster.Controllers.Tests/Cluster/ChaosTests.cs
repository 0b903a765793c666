using System.Text.Json.Nodes;
using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Streams;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>Experiments and schedules with all other controllers, on virtual time.</summary>
public class ChaosTests : PatientTestKit
{
    private readonly FakeTimeProvider _clock = new(Make.Noon);
    private readonly QuietWork _work;
    private readonly KilledContainers _killed = new();

    public ChaosTests() : base(QuietWork.Config) => _work = QuietWork.Of(Sys);

    [Fact]
    public async Task A_network_experiment_is_injected_for_its_time_and_then_recovered()
    {
        await using var cluster = await StartAsync(replicas: 3);
        await CreateAsync<NetworkChaos>(cluster, """
            {"metadata":{"name":"slow"},"spec":{"action":"delay","mode":"all","selector":{"labelSelectors":{"app":"web"}},"delay":{"latency":"10ms"},"duration":"1m"}}
            """);
        Network(cluster).Metadata.Finalizers.ShouldBe([ChaosApi.RecordsFinalizer]);
        Network(cluster).Status!.Experiment!.DesiredPhase.ShouldBe("Run");
        Records(Network(cluster)).ShouldAllBe(record => record.Phase == "Injected" && record.SelectorKey == "." && record.InjectedCount == 1);
        Records(Network(cluster)).Select(record => record.Id).ShouldBe(cluster.Pods("app=web").Select(pod => $"default/{pod.Metadata.Name}"), ignoreOrder: true);
        Conditions(Network(cluster)).ShouldBe("Selected=True AllInjected=True AllRecovered=False Paused=False");

        await PassAsync(TimeSpan.FromSeconds(61));
        Network(cluster).Status!.Experiment!.DesiredPhase.ShouldBe("Stop");
        Conditions(Network(cluster)).ShouldBe("Selected=True AllInjected=False AllRecovered=True Paused=False");
        Events(cluster, "NetworkChaos").ShouldBe(["FinalizerInited", "Started", "Applied", "TimeUp", "Recovered"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_paused_experiment_is_recovered_and_injected_again_when_it_goes_on()
    {
        await using var cluster = await StartAsync(replicas: 1);
        await CreateAsync<NetworkChaos>(cluster, """{"metadata":{"name":"slow"},"spec":{"action":"partition","mode":"one","selector":{"labelSelectors":{"app":"web"}}}}""");
        await PatchAsync<NetworkChaos>(cluster, "slow", Pause("true"));
        Conditions(Network(cluster)).ShouldBe("Selected=True AllInjected=False AllRecovered=True Paused=True");
        await PatchAsync<NetworkChaos>(cluster, "slow", Pause("false"));
        Conditions(Network(cluster)).ShouldBe("Selected=True AllInjected=True AllRecovered=False Paused=False");
        Records(Network(cluster)).ShouldHaveSingleItem().InjectedCount.ShouldBe(2);
    }

    [Fact]
    public async Task A_deleted_experiment_goes_when_all_is_recovered_and_its_target_has_records_of_its_own()
    {
        await using var cluster = await StartAsync(replicas: 2);
        await CreateAsync<NetworkChaos>(cluster, """
            {"metadata":{"name":"slow"},"spec":{"action":"partition","mode":"one","selector":{"labelSelectors":{"app":"web"}},"target":{"mode":"all","selector":{"labelSelectors":{"app":"web"}}},"direction":"both"}}
            """);
        Records(Network(cluster)).Select(record => (record.SelectorKey, record.Phase)).ShouldBe([(".", "Injected"), (".Target", "Injected"), (".Target", "Injected")]);
        await cluster.Client.DeleteAsync<NetworkChaos>("default", "slow");
        await _work.UntilQuietAsync();
        cluster.Api.Find<NetworkChaos>("default", "slow").ShouldBeNull();
        Events(cluster, "NetworkChaos").ShouldContain("Recovered");
    }

    [Fact]
    public async Task An_experiment_that_finds_no_pods_waits_for_them()
    {
        await using var cluster = await StartAsync(replicas: 0);
        await CreateAsync<NetworkChaos>(cluster, """{"metadata":{"name":"slow"},"spec":{"action":"partition","mode":"all","selector":{"labelSelectors":{"app":"web"}}}}""");
        Conditions(Network(cluster)).ShouldBe("Selected=False AllInjected=False AllRecovered=False Paused=False");
        Events(cluster, "NetworkChaos").ShouldContain("Failed");
        await PatchAsync<V1Deployment>(cluster, "web", """{"spec":{"replicas":2}}""");
        await PassAsync(TimeSpan.FromSeconds(5));
        Records(Network(cluster)).ShouldNotBeEmpty();
        Conditions(Network(cluster)).ShouldStartWith("Selected=True AllInjected=True");
    }

    [Fact]
    public async Task An_experiment_says_why_it_cannot_be_injected()
    {
        await using var cluster = await StartAsync(replicas: 1);
        await CreateAsync<NetworkChaos>(cluster, """
            {"metadata":{"name":"slow"},"spec":{"action":"partition","mode":"all","selector":{"labelSelectors":{"app":"web"}},"externalTargets":["10.0.0.0/8","nowhere.example.com"]}}
            """);
        var record = Records(Network(cluster)).ShouldHaveSingleItem();
        (record.Phase, record.InjectedCount).ShouldBe(("Not Injected", 0));
        record.Events!.ShouldNotBeEmpty();
        record.Events![0].ShouldSatisfyAllConditions(e => e.Type.ShouldBe("Failed"), e => e.Operation.ShouldBe("Apply"), e => e.Message.ShouldBe("lookup nowhere.example.com: no such host"));
    }

    [Fact]
    public async Task A_pod_kill_deletes_one_pod_and_its_set_makes_another()
    {
        await using var cluster = await StartAsync(replicas: 3);
        List<string> before = [.. cluster.Pods("app=web").Select(pod => pod.Metadata.Name)];
        await CreateAsync<PodChaos>(cluster, """{"metadata":{"name":"kill"},"spec":{"action":"pod-kill","mode":"one","selector":{"labelSelectors":{"app":"web"}}}}""");
        var killed = Records(Pods(cluster)).ShouldHaveSingleItem().Id!;
        Conditions(Pods(cluster)).ShouldStartWith("Selected=True AllInjected=True");
        List<string> after = [.. cluster.Pods("app=web").Select(pod => pod.Metadata.Name)];
        after.Count.ShouldBe(3);
        before.Except(after).ShouldBe([killed["default/".Length..]]);
    }

    [Fact]
    public async Task A_pod_that_is_made_to_fail_runs_nothing_for_a_time_and_then_what_it_ran()
    {
        await using var cluster = await StartAsync(replicas: 1);
        await CreateAsync<PodChaos>(cluster, """{"metadata":{"name":"kill"},"spec":{"action":"pod-failure","mode":"all","duration":"30s","selector":{"labelSelectors":{"app":"web"}}}}""");
        var failing = cluster.Pods("app=web").ShouldHaveSingleItem();
        failing.Spec.Containers[0].Image.ShouldBe("registry.k8s.io/pause:3.10");
        failing.Metadata.Annotations["chaos-mesh-kill-pod-failure-main-normal-image"].ShouldBe("nginx:1");
        await PassAsync(TimeSpan.FromSeconds(31));
        var recovered = cluster.Pods("app=web").ShouldHaveSingleItem();
        recovered.Spec.Containers[0].Image.ShouldBe("nginx:1");
        recovered.Metadata.Annotations?.Keys.ShouldNotContain(key => key.StartsWith("chaos-mesh", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_container_kill_is_told_to_the_pods_node()
    {
        await using var cluster = await StartAsync(replicas: 2);
        await CreateAsync<PodChaos>(cluster, """{"metadata":{"name":"kill"},"spec":{"action":"container-kill","mode":"all","containerNames":["main"],"selector":{"labelSelectors":{"app":"web"}}}}""");
        _killed.Requests.ShouldBe(cluster.Pods("app=web").Select(pod => (pod.Spec.NodeName, new KillContainerRequest("default", pod.Metadata.Name, pod.Metadata.Uid, "main"))), ignoreOrder: true);
        Records(Pods(cluster)).ShouldAllBe(record => record.Phase == "Injected" && record.Id!.EndsWith("/main", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_schedule_makes_experiments_keeps_the_last_and_pauses_with_them()
    {
        await using var cluster = await StartAsync(replicas: 3);
        await CreateAsync<Schedule>(cluster, """
            {"metadata":{"name":"kills"},"spec":{"schedule":"@every 10s","historyLimit":2,"type":"PodChaos","podChaos":{"action":"pod-kill","mode":"one","selector":{"labelSelectors":{"app":"web"}}}}}
            """);
        await PassAsync(TimeSpan.FromSeconds(60));
        var made = cluster.Api.List<PodChaos>();
        made.Count.ShouldBe(2);
        made.ShouldAllBe(one => one.Metadata.Labels["managed-by"] == "kills" && one.Metadata.OwnerReferences[0].Kind == "Schedule");
        var schedule = cluster.Api.Find<Schedule>("default", "kills")!;
        schedule.Status!.Active!.Select(reference => reference.Name).ShouldBe(made.Select(one => one.Metadata.Name), ignoreOrder: true);
        Events(cluster, "Schedule", "Spawned").ShouldBeInRange(4, 6);
        cluster.Pods("app=web").Count.ShouldBe(3);

        await PatchAsync<Schedule>(cluster, "kills", Pause("true"));
        var spawned = Events(cluster, "Schedule", "Spawned");
        await PassAsync(TimeSpan.FromSeconds(60));
        Events(cluster, "Schedule", "Spawned").ShouldBe(spawned);
        cluster.Api.List<PodChaos>().ShouldAllBe(one => one.Metadata.Annotations[ChaosApi.Pause] == "true");

        await cluster.Client.DeleteAsync<Schedule>("default", "kills", new Contracts.Client.DeleteOptions(PropagationPolicy: "Background"));
        await _work.UntilQuietAsync();
        cluster.Api.List<PodChaos>().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Forbid", 1)]
    [InlineData("Allow", 3)]
    public async Task While_an_experiment_of_a_schedule_runs_the_next_waits_or_comes_as_well(string policy, int count)
    {
        await using var cluster = await StartAsync(replicas: 1);
        await CreateAsync<Schedule>(cluster, """
            {"metadata":{"name":"cuts"},"spec":{"schedule":"*/10 * * * * *","concurrencyPolicy":"POLICY","historyLimit":5,"type":"NetworkChaos",
             "networkChaos":{"action":"partition","mode":"all","duration":"1h","selector":{"labelSelectors":{"app":"web"}}}}}
            """.Replace("POLICY", policy, StringComparison.Ordinal));
        await PassAsync(TimeSpan.FromSeconds(35));
        cluster.Api.List<NetworkChaos>().Count.ShouldBe(count);
        cluster.Api.List<NetworkChaos>().ShouldAllBe(one => one.Spec!.Selector!.Namespaces!.Single() == "default");
        if (policy == "Forbid") Events(cluster, "Schedule", "Forbid").ShouldBeGreaterThan(0);
    }

    private async Task<TestCluster> StartAsync(int replicas)
    {
        var cluster = await TestCluster.StartAsync(Sys, 2, _clock, new ControllersOptions { Timings = TestCluster.UnhurriedTimings, Nodes = _killed }, _work);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.Deployment("web", replicas)));
        await _work.UntilQuietAsync();
        return cluster;
    }

    private async Task CreateAsync<T>(TestCluster cluster, string json) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var item = KubernetesJson.Deserialize<T>(json);
        item.Metadata.NamespaceProperty = "default";
        await cluster.Client.CreateAsync(item);
        await _work.UntilQuietAsync();
    }

    private async Task PatchAsync<T>(TestCluster cluster, string name, string patch) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await cluster.Client.PatchAsync<T>("default", name, JsonNode.Parse(patch)!);
        await _work.UntilQuietAsync();
    }

    private async Task PassAsync(TimeSpan time)
    {
        for (var step = TimeSpan.FromSeconds(1); time > TimeSpan.Zero; time -= step)
        {
            _clock.Advance(step);
            await _work.UntilQuietAsync();
        }
    }

    private static string Pause(string value) => $$$$"""{"metadata":{"annotations":{"experiment.chaos-mesh.org/pause":"{{{{value}}}}"}}}""";

    private static NetworkChaos Network(TestCluster cluster) => cluster.Api.Find<NetworkChaos>("default", "slow")!;

    private static PodChaos Pods(TestCluster cluster) => cluster.Api.Find<PodChaos>("default", "kill")!;

    private static List<ChaosRecord> Records(IExperiment experiment) => experiment.Status?.Experiment?.ContainerRecords ?? [];

    private static string Conditions(IExperiment experiment) => string.Join(' ', experiment.Status!.Conditions!.Select(condition => $"{condition.Type}={condition.Status}"));

    private static IReadOnlyList<string> Events(TestCluster cluster, string kind) =>
        [.. cluster.Api.List<Corev1Event>().Where(e => e.InvolvedObject.Kind == kind).Select(e => e.Reason).Distinct()];

    private static int Events(TestCluster cluster, string kind, string reason) =>
        cluster.Api.List<Corev1Event>().Where(e => e.InvolvedObject.Kind == kind && e.Reason == reason).Sum(e => e.Count ?? 1);

    /// <summary>Nodes that only remember what they were told.</summary>
    private sealed class KilledContainers : IContainerStreamConnector
    {
        public List<(string Node, KillContainerRequest Request)> Requests { get; } = [];

        public Task<IContainerStream> OpenAsync(string nodeName, ContainerStreamRequest request, CancellationToken cancellationToken)
        {
            lock (Requests) Requests.Add((nodeName, (KillContainerRequest)request));
            return Task.FromResult<IContainerStream>(new Over());
        }
    }

    private sealed class Over : IContainerStream
    {
        public Task<StreamExit> Completion => Task.FromResult(new StreamExit(null));
        public ValueTask WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask CloseInputAsync(StreamChannel channel, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken) => throw new NotSupportedException();
        public IAsyncEnumerable<StreamChunk> ReadAllAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
