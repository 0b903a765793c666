using System.Diagnostics;
using System.Globalization;
using ActorCluster.Api.Selectors;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Scheduling;
using k8s.Models;

namespace ActorCluster.Benchmarks.Scheduling;

/// <summary>
/// What the number of pods that are there costs the scheduler's decision on one more, all policies counted: a thousand nodes in three zones, and a pod of a
/// workload that is spread, as hard as its own constraint says, and that stays away from another one.
/// </summary>
internal sealed class PlacementBenchmark : IBenchmark
{
    private const int Nodes = 1000;
    private const int Many = 100_000;
    private const int Few = 100;
    private const int DecisionsBetweenLooks = 20;

    public string Id => "placement";
    public string Subject => $"time of the scheduler's decision on one more pod, {Nodes:N0} nodes with {Many:N0} pods";
    public string Yardstick => $"with {Few} pods";
    public Bar Bar => Bar.AtMost(1.5, "times");

    public Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var (many, few) = (NewCluster(Many), NewCluster(Few));
        return SideBySide.MeasureAsync(settings, "ns", () => Task.FromResult(Cost(many, settings.Turn)), () => Task.FromResult(Cost(few, settings.Turn)));
    }

    private static ClusterState NewCluster(int pods)
    {
        var cluster = new ClusterState();
        for (var i = 0; i < Nodes; i++) cluster.SetNode(Node(i));
        for (var i = 0; i < pods; i++) cluster.Place(SchedulingPod.From(Pod(i, $"app-{i % 50}")), $"worker-{i % Nodes:D4}", assumed: false);
        return cluster;
    }

    private static double Cost(ClusterState cluster, TimeSpan duration)
    {
        var placer = new PodPlacer(SchedulerProfile.Default(new Apps()), new RandomSource(1));
        var (decisions, clock) = (0, Stopwatch.StartNew());
        while (clock.Elapsed < duration)
        {
            for (var i = 0; i < DecisionsBetweenLooks; i++, decisions++)
            {
                var pod = SchedulingPod.From(Pod(Many + decisions, "app-1"));
                cluster.Place(pod, placer.Place(pod, cluster).Node ?? throw new InvalidOperationException("The pod found no node."), assumed: true);
                cluster.Remove(pod.Uid);
            }
        }
        return clock.Elapsed.TotalNanoseconds / decisions;
    }

    private static V1Node Node(int number) => new()
    {
        Metadata = new()
        {
            Name = $"worker-{number:D4}",
            Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = $"worker-{number:D4}", ["topology.kubernetes.io/zone"] = $"zone-{number % 3}" },
        },
        Status = new() { Allocatable = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("64"), ["memory"] = new("256Gi"), ["pods"] = new("250") } },
    };

    private static V1Pod Pod(int number, string app) => new()
    {
        Metadata = new()
        {
            Name = $"pod-{number}",
            NamespaceProperty = "default",
            Uid = number.ToString(CultureInfo.InvariantCulture),
            Labels = new Dictionary<string, string> { ["app"] = app },
        },
        Spec = new()
        {
            Containers = [new() { Name = "main", Image = "nginx", Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("100m") } } }],
            TopologySpreadConstraints = [new() { MaxSkew = 5, TopologyKey = "topology.kubernetes.io/zone", WhenUnsatisfiable = "DoNotSchedule", LabelSelector = App(app) }],
            Affinity = new()
            {
                PodAntiAffinity = new()
                {
                    RequiredDuringSchedulingIgnoredDuringExecution = [new() { TopologyKey = "kubernetes.io/hostname", LabelSelector = App("nobody") }],
                },
            },
        },
    };

    private static V1LabelSelector App(string app) => new() { MatchLabels = new Dictionary<string, string> { ["app"] = app } };

    /// <summary>Pods of one app belong together.</summary>
    private sealed class Apps : ISpreadSelectors
    {
        public LabelSelector For(V1Pod pod) => LabelSelector.FromModel(App(pod.Metadata.Labels["app"]));
    }
}
