using System.Collections.Immutable;
using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>The status that the node reports for a pod. Times have whole seconds, as metav1.Time has.</summary>
internal static class PodStatusBuilder
{
    /// <param name="hostIPs">The node's addresses, the primary one first; empty before it has any.</param>
    public static V1PodStatus Build(PodState state, ImmutableArray<string> hostIPs, DateTimeOffset now)
    {
        var pod = state.Pod;
        var phase = PodPhases.Of(state);
        var status = new V1PodStatus
        {
            Phase = phase,
            StartTime = Seconds(state.StartTime),
            HostIP = hostIPs.IsEmpty ? null : hostIPs[0],
            HostIPs = hostIPs.IsEmpty ? null : [.. hostIPs.Select(ip => new V1HostIP { Ip = ip })],
            PodIP = state.PodIPs.IsEmpty ? null : state.PodIPs[0],
            PodIPs = state.PodIPs.IsEmpty ? null : [.. state.PodIPs.Select(ip => new V1PodIP { Ip = ip })],
            InitContainerStatuses = Statuses(state, container => container.Role is ContainerRole.Init or ContainerRole.Sidecar),
            ContainerStatuses = Statuses(state, container => container.Role == ContainerRole.Main),
            EphemeralContainerStatuses = Statuses(state, container => container.Role == ContainerRole.Ephemeral),
            QosClass = pod.Status?.QosClass ?? QosClasses.Of(pod.Spec),
            NominatedNodeName = pod.Status?.NominatedNodeName,
            ResourceClaimStatuses = pod.Status?.ResourceClaimStatuses,
            ObservedGeneration = pod.Metadata.Generation,
        };
        if (state.Ending is { FailsPod: true } ending && phase == PodPhases.Failed) (status.Reason, status.Message) = (ending.Reason, ending.Message);
        else if (phase == pod.Status?.Phase) (status.Reason, status.Message) = (pod.Status.Reason, pod.Status.Message);
        status.Conditions = PodConditions.Build(state, phase, now);
        return status;
    }

    public static DateTime Seconds(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);

    private static List<V1ContainerStatus>? Statuses(PodState state, Func<ContainerState, bool> which)
    {
        List<V1ContainerStatus>? statuses = null;
        foreach (var container in state.Containers)
        {
            if (which(container)) (statuses ??= []).Add(StatusOf(state, container));
        }
        return statuses;
    }

    private static V1ContainerStatus StatusOf(PodState state, ContainerState container)
    {
        var spec = state.Spec(container.Name);
        var live = container.Phase is ContainerPhase.Running or ContainerPhase.Stopping && container.StartedAt is not null;
        var terminated = container.Phase == ContainerPhase.Exited;
        return new V1ContainerStatus
        {
            Name = container.Name,
            Image = container.ResolvedImage ?? spec?.Image ?? "",
            ImageID = container.ImageId ?? "",
            ContainerID = live ? container.ContainerId : container.Last?.ContainerId is { Length: > 0 } id ? id : null,
            RestartCount = container.RestartCount,
            Ready = container.Ready,
            Started = live && container.Started,
            State = new V1ContainerState
            {
                Running = live ? new V1ContainerStateRunning { StartedAt = Seconds(container.StartedAt!.Value) } : null,
                Terminated = terminated ? Terminated(container.Last) : null,
                Waiting = !live && !terminated ? Waiting(state, container) : null,
            },
            LastState = new V1ContainerState { Terminated = Terminated(terminated ? container.BeforeLast : container.Last) },
            // What there never was an instance of has none.
            Resources = live || container.HasRun ? (live ? container.Actual : container.Allocated) ?? new V1ResourceRequirements() : null,
            AllocatedResources = live || container.HasRun ? container.Allocated?.Requests : null,
            User = container.HasRun ? container.User : null,
            VolumeMounts = spec?.VolumeMounts is { Count: > 0 } mounts
                ? [.. mounts.Select(mount => new V1VolumeMountStatus
                {
                    Name = mount.Name,
                    MountPath = mount.MountPath,
                    ReadOnlyProperty = mount.ReadOnlyProperty == true ? true : null,
                    RecursiveReadOnly = mount.ReadOnlyProperty == true ? "Disabled" : null,
                })]
                : null,
        };
    }

    private static V1ContainerStateWaiting Waiting(PodState state, ContainerState container)
    {
        var usual = !state.Initialized && container.Role == ContainerRole.Main && state.Containers.Any(other => other.Role is ContainerRole.Init or ContainerRole.Sidecar)
            || container.Role == ContainerRole.Init && state.Sandbox == SandboxPhase.Ready && !container.HasInstance
            ? WaitingReasons.PodInitializing
            : WaitingReasons.ContainerCreating;
        return new V1ContainerStateWaiting { Reason = container.WaitingReason ?? usual, Message = container.WaitingMessage };
    }

    private static V1ContainerStateTerminated? Terminated(ContainerTermination? termination) => termination is null ? null : new()
    {
        ContainerID = termination.ContainerId.Length == 0 ? null : termination.ContainerId,
        ExitCode = termination.ExitCode,
        Reason = termination.Reason,
        Message = termination.Message,
        StartedAt = Seconds(termination.StartedAt),
        FinishedAt = Seconds(termination.FinishedAt),
    };
}
