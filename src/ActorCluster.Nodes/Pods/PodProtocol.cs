using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Sockets;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Processes;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

// All messages of PodActor and ContainerActor. They stay within one process.

/// <summary>From the node: the object changed.</summary>
internal sealed record PodUpdated(V1Pod Pod) : ILocalMessage;

/// <summary>From the node: the object is no more.</summary>
internal sealed record PodGone : ILocalMessage
{
    public static readonly PodGone Instance = new();
}

/// <summary>From the node: it shuts down in an orderly way.</summary>
internal sealed record ShutDownPod(TimeSpan Grace) : ILocalMessage;

/// <summary>From the node: a ConfigMap or Secret that the pod refers to changed.</summary>
internal sealed record ReferenceChanged(ReferencedObject Object) : ILocalMessage;

/// <summary>To the node: the pod's spec asks for other resources. Answered with <see cref="ResizeGranted"/> or, first or forever, with <see cref="ResizeRefused"/>.</summary>
/// <param name="Allocated">The spec with what is allocated to it now.</param>
internal sealed record AskForResize(V1Pod Wanted, V1PodSpec Allocated) : ILocalMessage;

/// <summary>From the node: the resources of the pod as it was when it asked are its own now.</summary>
internal sealed record ResizeGranted(V1Pod Wanted) : ILocalMessage;

/// <summary>From the node: others have what the pod asks for. It is granted when they don't any more, unless the pod asks for something else before.</summary>
internal sealed record ResizeRefused(long Generation, string Message) : ILocalMessage;

/// <summary>A question from the streams'' handler; answered with <see cref="ContainerAccess"/> or <see cref="ContainerAbsent"/>.</summary>
internal sealed record FindContainer(string Namespace, string Pod, string Uid, string Container) : ILocalMessage;

internal sealed record ContainerAbsent(string Message) : ILocalMessage;

/// <summary>A question to a node; answered with <see cref="PodsOfNode"/>.</summary>
internal sealed record GetPods : ILocalMessage
{
    public static readonly GetPods Instance = new();
}

/// <param name="Pods">Those that live on the node, as it last saw them.</param>
internal sealed record PodsOfNode(ImmutableArray<V1Pod> Pods) : ILocalMessage;

/// <param name="Instance">The one that runs, or ran last; null if there never was one in this process.</param>
/// <param name="Network">The pod's namespace; null if it has none now.</param>
internal sealed record ContainerAccess(V1Pod Pod, ContainerState? State, ContainerInstance? Instance, ContainerLog? PreviousLog, INetworkNamespace? Network) : ILocalMessage;

/// <summary>To a ContainerActor: make an instance and start it. Answered with <see cref="InstanceStarted"/> or <see cref="InstanceFailed"/>.</summary>
internal sealed record StartInstance(ContainerPlan Plan) : ILocalMessage;

/// <summary>To a ContainerActor: end the instance within the grace. Answered with <see cref="InstanceExited"/>.</summary>
internal sealed record StopInstance(TimeSpan Grace) : ILocalMessage;

/// <summary>Everything that one instance is made of. It lives as long as the instance, and so doesn't hold on to what the pod was like when it began.</summary>
/// <param name="About">The container, for events.</param>
/// <param name="HasSiblings">The pod has other containers.</param>
/// <param name="Grace">The pod's.</param>
internal sealed record ContainerPlan(V1ObjectReference About, bool HasSiblings, TimeSpan Grace, V1Container Spec, ContainerRole Role, ContainerConfiguration Configuration, string ContainerId, string ImageId, string ResolvedImage, string PodIP);

internal sealed record InstanceStarted(string Name, ContainerInstance Instance, ContainerPlan Plan, DateTimeOffset At) : ILocalMessage;

/// <param name="Reason">One of <see cref="WaitingReasons"/>.</param>
internal sealed record InstanceFailed(string Name, string Reason, string Message, DateTimeOffset At, ContainerInstance? Instance = null) : ILocalMessage;

internal sealed record InstanceExited(string Name, string ContainerId, int ExitCode, string? Message, DateTimeOffset At) : ILocalMessage;

internal sealed record ProbeVerdict(string Name, string ContainerId, ProbeKind Kind, bool Success) : ILocalMessage;
