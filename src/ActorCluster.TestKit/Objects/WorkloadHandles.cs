using k8s.Models;

namespace ActorCluster.TestKit.Objects;

public sealed class DeploymentHandle : ObjectHandle<V1Deployment>
{
    internal DeploymentHandle(TestCluster cluster, string ns, string name) : base(cluster, ns, name) { }

    /// <summary>Waits until that many replicas of the present template, and no others, are available.</summary>
    /// <param name="replicas">Null: as many as it wants.</param>
    public Task<V1Deployment> ShouldBeAvailableAsync(int? replicas = null, TimeSpan? within = null, CancellationToken cancellationToken = default) => ShouldBecomeAsync(
        deployment => deployment.Status is { } status && status.ObservedGeneration >= deployment.Metadata.Generation
            && (replicas ?? deployment.Spec.Replicas ?? 1) is var wanted && (status.AvailableReplicas ?? 0) == wanted && (status.UpdatedReplicas ?? 0) == wanted && (status.Replicas ?? 0) == wanted,
        within, $"have {(replicas is null ? "all its" : replicas)} replicas available", cancellationToken);

    /// <summary>Sets its number of replicas.</summary>
    public Task<V1Deployment> ScaleAsync(int replicas, CancellationToken cancellationToken = default) => PatchAsync($$$"""{"spec":{"replicas":{{{replicas}}}}}""", cancellationToken);
}

public sealed class StatefulSetHandle : ObjectHandle<V1StatefulSet>
{
    internal StatefulSetHandle(TestCluster cluster, string ns, string name) : base(cluster, ns, name) { }

    /// <summary>Waits until that many pods of the present template are ready.</summary>
    /// <param name="replicas">Null: as many as it wants.</param>
    public Task<V1StatefulSet> ShouldBeReadyAsync(int? replicas = null, TimeSpan? within = null, CancellationToken cancellationToken = default) => ShouldBecomeAsync(
        set => set.Status is { } status && status.ObservedGeneration >= set.Metadata.Generation
            && (replicas ?? set.Spec.Replicas ?? 1) is var wanted && (status.ReadyReplicas ?? 0) == wanted && (status.UpdatedReplicas ?? 0) == wanted && status.Replicas == wanted,
        within, $"have {(replicas is null ? "all its" : replicas)} pods ready", cancellationToken);

    /// <summary>Sets its number of replicas.</summary>
    public Task<V1StatefulSet> ScaleAsync(int replicas, CancellationToken cancellationToken = default) => PatchAsync($$$"""{"spec":{"replicas":{{{replicas}}}}}""", cancellationToken);
}

public sealed class DaemonSetHandle : ObjectHandle<V1DaemonSet>
{
    internal DaemonSetHandle(TestCluster cluster, string ns, string name) : base(cluster, ns, name) { }

    /// <summary>Waits until a pod of the present template is ready on each node that it is for.</summary>
    /// <param name="nodes">How many those are; null: however many.</param>
    public Task<V1DaemonSet> ShouldBeReadyAsync(int? nodes = null, TimeSpan? within = null, CancellationToken cancellationToken = default) => ShouldBecomeAsync(
        set => set.Status is { } status && status.ObservedGeneration >= set.Metadata.Generation && (nodes is null || status.DesiredNumberScheduled == nodes)
            && status.NumberReady == status.DesiredNumberScheduled && (status.UpdatedNumberScheduled ?? 0) == status.DesiredNumberScheduled,
        within, $"be ready on {(nodes is null ? "all" : nodes)} nodes", cancellationToken);
}

public sealed class JobHandle : ObjectHandle<V1Job>
{
    internal JobHandle(TestCluster cluster, string ns, string name) : base(cluster, ns, name) { }

    public Task<V1Job> ShouldCompleteAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static job => Has(job, "Complete"), within, "be Complete", cancellationToken);

    public Task<V1Job> ShouldFailAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static job => Has(job, "Failed"), within, "be Failed", cancellationToken);

    private static bool Has(V1Job job, string type) => job.Status?.Conditions?.Any(condition => condition.Type == type && condition.Status == "True") ?? false;
}

public sealed class CronJobHandle : ObjectHandle<V1CronJob>
{
    internal CronJobHandle(TestCluster cluster, string ns, string name) : base(cluster, ns, name) { }

    /// <summary>Waits until a Job of it has succeeded, at or after a time.</summary>
    /// <param name="since">Null: whenever.</param>
    public Task<V1CronJob> ShouldSucceedAsync(DateTimeOffset? since = null, TimeSpan? within = null, CancellationToken cancellationToken = default) => ShouldBecomeAsync(
        cron => cron.Status?.LastSuccessfulTime is { } last && (since is null || last >= since.Value.UtcDateTime), within, $"have succeeded {(since is null ? "once" : $"since {since:u}")}", cancellationToken);
}

public sealed class ServiceHandle : ObjectHandle<V1Service>
{
    internal ServiceHandle(TestCluster cluster, string ns, string name) : base(cluster, ns, name) { }

    /// <summary>Waits until its EndpointSlices have that many ready endpoints of its first family.</summary>
    public Task ShouldHaveEndpointsAsync(int count, TimeSpan? within = null, CancellationToken cancellationToken = default) => Cluster.ShouldAllBecomeAsync<V1EndpointSlice>(
        Namespace, $"kubernetes.io/service-name={Name}", slices => Ready(slices) == count, within, $"have {count} ready endpoints for service {Namespace}/{Name}", cancellationToken);

    private static int Ready(IReadOnlyCollection<V1EndpointSlice> slices)
    {
        if (slices.Count == 0) return 0;
        var family = slices.Any(slice => slice.AddressType == "IPv4") ? "IPv4" : "IPv6";
        return slices.Where(slice => slice.AddressType == family).SelectMany(slice => slice.Endpoints ?? []).Count(endpoint => endpoint.Conditions?.Ready != false);
    }
}
