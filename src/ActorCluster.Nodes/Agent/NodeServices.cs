using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using ActorCluster.Nodes.Addressing;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Probes;
using ActorCluster.Nodes.Volumes;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <summary>What all actors of one node share. Everything in it is safe for concurrent use.</summary>
internal sealed record NodeServices
{
    public required string NodeName { get; init; }

    /// <summary>The node's own addresses, the primary one first.</summary>
    public required ImmutableArray<string> HostIPs { get; init; }

    public required KubeClient Client { get; init; }
    public required EventRecorder Events { get; init; }
    public required ClusterObjects Objects { get; init; }
    public required IContainerRuntime Runtime { get; init; }
    public required ImageStore Images { get; init; }
    public required SimulationContext Simulation { get; init; }
    public required ContainerTimings Timings { get; init; }

    /// <summary>What programs find in their <c>ProcessContext.Services</c>.</summary>
    public required IServiceProvider Programs { get; init; }

    public required PodAddressPool Addresses { get; init; }

    /// <summary>The node's own namespace: what hostNetwork pods and probes use.</summary>
    public required INetworkNamespace HostNetwork { get; init; }

    /// <summary>The node's <c>NodeNetworkActor</c>.</summary>
    public required IActorRef Network { get; init; }

    /// <summary>What outlives the node's pods and its process.</summary>
    public required NodeDisk Disk { get; init; }

    /// <summary>What its containers write, for pods that read it as files.</summary>
    public required NodeLogs Logs { get; init; }

    public required Prober Prober { get; init; }

    /// <summary>cpu (cores), memory and ephemeral-storage (bytes), for the downward API.</summary>
    public required IReadOnlyDictionary<string, decimal> Allocatable { get; init; }

    /// <summary>Bytes of output kept for each instance of a container.</summary>
    public required int ContainerLogLimit { get; init; }

    /// <summary>Removes what the node's disk has of a pod that is over. What can't be removed is tried again when the node starts.</summary>
    public void ForgetDisk(V1Pod pod)
    {
        if (pod.Spec.Volumes?.Any(volume => volume.EmptyDir is not null || ClaimedVolumes.IsClaimed(volume)) != true) return;
        try
        {
            Disk.Forget(pod.Metadata.Uid);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Simulation.ReportFault($"removing the volumes of pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", fault);
        }
    }

    public TimeProvider Clock => Simulation.Clock;
    public DateTimeOffset Now => Simulation.Clock.GetUtcNow();
}
