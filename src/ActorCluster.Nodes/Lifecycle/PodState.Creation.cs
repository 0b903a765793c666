using System.Collections.Immutable;
using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

internal sealed partial record PodState
{
    private const string Succeeded = "Succeeded";
    private const string Failed = "Failed";

    /// <summary>
    /// The state to begin with. Containers that the object's status still calls running were lost with the node's last process: they count as ended
    /// (exit code 255, as after a reboot) and are started anew where the restart policy wants it.
    /// </summary>
    public static PodState Create(V1Pod pod, DateTimeOffset now)
    {
        var statuses = (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.EphemeralContainerStatuses ?? [])
            .ToDictionary(status => status.Name);
        var containers = ImmutableArray.CreateBuilder<ContainerState>();
        foreach (var container in pod.Spec.InitContainers ?? []) containers.Add(Recover(new(container.Name, RoleOf(container)) { Allocated = AllocatedOf(container, statuses.GetValueOrDefault(container.Name)) }, statuses, now));
        foreach (var container in pod.Spec.Containers) containers.Add(Recover(new(container.Name, ContainerRole.Main) { Allocated = AllocatedOf(container, statuses.GetValueOrDefault(container.Name)) }, statuses, now));
        foreach (var container in pod.Spec.EphemeralContainers ?? []) containers.Add(Recover(new(container.Name, ContainerRole.Ephemeral), statuses, now));

        var state = new PodState
        {
            Pod = pod,
            Containers = containers.ToImmutable(),
            StartTime = pod.Status?.StartTime is { } started ? new DateTimeOffset(DateTime.SpecifyKind(started, DateTimeKind.Utc)) : now,
            PodIPs = [.. (pod.Status?.PodIPs ?? []).Select(ip => ip.Ip)],
        };
        if (pod.Status?.Phase is Succeeded or Failed)
        {
            state = state with { Ending = new PodEnding(PodEndingCause.Completed, now, TimeSpan.Zero), Sandbox = SandboxPhase.Destroyed };
        }
        else if (state.EveryMainContainerIsDone)
        {
            state = state with { Initialized = true, Ending = new PodEnding(PodEndingCause.Completed, now, TimeSpan.Zero), Sandbox = SandboxPhase.Destroyed };
        }
        else
        {
            // A new sandbox begins at the beginning: init containers run again.
            state = state with { Containers = [.. state.Containers.Select(BeginAgain)] };
        }
        return state.WithPod(pod, now);
    }

    /// <summary>Whether the object says that the pod had a sandbox before, which is now replaced.</summary>
    public static bool HadSandbox(V1Pod pod) =>
        pod.Status?.Phase is not (Succeeded or Failed) &&
        (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []).Any(status => !string.IsNullOrEmpty(status.ContainerID));

    private bool EveryMainContainerIsDone => Containers.Where(container => container.Role == ContainerRole.Main)
        .All(container => container is { Phase: ContainerPhase.Exited, Last: { } last } && !RestartRules.ShouldRestart(Pod.Spec, Spec(container.Name), container.Role, last.ExitCode));

    private static ContainerRole RoleOf(V1Container container) => container.RestartPolicy == RestartRules.Always ? ContainerRole.Sidecar : ContainerRole.Init;

    private static ContainerState BeginAgain(ContainerState container) =>
        container is { Role: ContainerRole.Init, Phase: ContainerPhase.Exited } ? container with { Phase = ContainerPhase.Waiting, InitializationDone = false } : container;

    private static ContainerState Recover(ContainerState container, Dictionary<string, V1ContainerStatus> statuses, DateTimeOffset now)
    {
        if (!statuses.TryGetValue(container.Name, out var status)) return container;
        var before = Termination(status.LastState?.Terminated);
        container = container with
        {
            RestartCount = status.RestartCount,
            HasRun = !string.IsNullOrEmpty(status.ContainerID) || before is not null || status.State?.Terminated is not null,
            ContainerId = status.ContainerID,
            ImageId = status.ImageID,
            ResolvedImage = status.Image,
            User = status.User,
            Last = before,
        };
        if (status.State?.Terminated is { } terminated)
        {
            return container with { Phase = ContainerPhase.Exited, Last = Termination(terminated), BeforeLast = before };
        }
        if (status.State?.Running is { } running)
        {
            var started = running.StartedAt is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : now;
            return container with
            {
                Phase = ContainerPhase.Exited,
                StartedAt = started,
                Last = new ContainerTermination(status.ContainerID ?? "", 255, WaitingReasons.Unknown, null, started, now),
                BeforeLast = before,
            };
        }
        return container;
    }

    private static ContainerTermination? Termination(V1ContainerStateTerminated? terminated) => terminated is null ? null : new(
        terminated.ContainerID ?? "", terminated.ExitCode, terminated.Reason ?? "", terminated.Message,
        terminated.StartedAt is { } started ? new DateTimeOffset(DateTime.SpecifyKind(started, DateTimeKind.Utc)) : DateTimeOffset.UnixEpoch,
        terminated.FinishedAt is { } finished ? new DateTimeOffset(DateTime.SpecifyKind(finished, DateTimeKind.Utc)) : DateTimeOffset.UnixEpoch);
}
