using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Streams;
using ActorCluster.TestKit.Objects;
using k8s.Models;

namespace ActorCluster.TestKit.Faults;

/// <summary>What can go wrong with a pod.</summary>
public static class PodFaults
{
    /// <summary>The pod ends at once, without its grace, and its object goes.</summary>
    /// <exception cref="ClusterAssertionException">There is no such pod; the message has those that there are.</exception>
    public static async Task KillAsync(this PodHandle pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (!await pod.Cluster.Client.DeleteAsync<V1Pod>(pod.Namespace, pod.Name, new DeleteOptions(GracePeriodSeconds: 0))) throw await pod.AbsentAsync();
    }

    /// <summary>A container's processes are killed, as SIGKILL does; the pod's restart policy says what becomes of it.</summary>
    /// <param name="container">Null: the first.</param>
    /// <exception cref="ClusterAssertionException">There is no such pod; the message has those that there are.</exception>
    /// <exception cref="ContainerStreamException">It has no such container, or that doesn't run.</exception>
    public static Task KillContainerAsync(this PodHandle pod, string? container = null)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Cluster.RunAsync(async () =>
        {
            var found = PodHandle.Scheduled(await pod.GetAsync() ?? throw await pod.AbsentAsync());
            var request = new KillContainerRequest(pod.Namespace, pod.Name, found.Metadata.Uid, container ?? found.Spec.Containers[0].Name);
            await using var stream = await pod.Cluster.Inner.Streams.OpenAsync(found.Spec.NodeName, request, CancellationToken.None);
            await stream.Completion;
        });
    }
}
