using System.Globalization;
using System.Runtime;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.InProcess;
using ActorCluster.Host.Logging;
using k8s.Models;

namespace ActorCluster.Benchmarks.Pods;

/// <summary>A cluster in one process, before and after it has so many pods that only exist.</summary>
internal static class IdlePods
{
    public const string Role = "idle-pods";

    private const int PodsPerNode = 100; // a node takes 110 (kubelet's maxPods)

    /// <summary>Says how many bytes were added to the process's resident memory, and to the managed heap.</summary>
    public static async Task RunAsync(string pods)
    {
        var count = int.Parse(pods, CultureInfo.InvariantCulture);
        var simulation = SimulationContext.RealTime(1);
        var nodes = Enumerable.Range(1, (count + PodsPerNode - 1) / PodsPerNode).Select(node => $"node-{node}").ToList();
        await using var cluster = await InProcessCluster.StartAsync(
            new InProcessOptions { Nodes = nodes, Settings = new ControlPlaneSettings { Timings = ClusterTimings.Kubernetes, ClusterDns = false } },
            simulation, ProcessLog.None, CancellationToken.None);
        var client = new KubeClient(cluster.Api, "benchmark");
        await WaitAsync<V1Node>(cluster.Api, simulation, nodes.Count, node => node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);
        var before = Settled();

        await client.CreateAsync(new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta { Name = "idle", NamespaceProperty = "default" },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = count,
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "idle" } },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "idle" } },
                    Spec = new V1PodSpec { Containers = [new V1Container { Name = "pause", Image = "registry.k8s.io/pause:3.10" }] },
                },
            },
        });
        await WaitAsync<V1Pod>(cluster.Api, simulation, count, pod => pod.Status?.Phase == "Running");
        var after = Settled();
        await ChildProcess.ReadyAsync(after.Resident - before.Resident, after.Managed - before.Managed);
    }

    private static async Task WaitAsync<T>(IApiClient api, SimulationContext simulation, int count, Func<T, bool> condition)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var met = new HashSet<string>();
        await using var informer = new Informer<T>(api, simulation);
        informer.Changed += (_, current) =>
        {
            if (current is not null && condition(current) && met.Add(current.Metadata.Name) && met.Count == count) done.TrySetResult();
        };
        informer.Start();
        await done.Task;
    }

    /// <summary>The process's memory in bytes, without what nobody needs any more.</summary>
    public static (long Resident, long Managed) Settled()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: true));
    }
}
