using System.Collections.Immutable;
using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

internal enum SandboxPhase
{
    None,
    Creating,
    Ready,
    Destroying,
    Destroyed,
}

/// <summary>
/// All that the node knows of one pod. Facts come in through its methods; <see cref="PodDecider"/> says what follows. Pure: the pod's actor does what it
/// says and reports back.
/// </summary>
internal sealed partial record PodState
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(30);

    /// <summary>The object as last seen.</summary>
    public required V1Pod Pod { get; init; }

    /// <summary>Init containers in order, then main ones, then ephemeral ones.</summary>
    public required ImmutableArray<ContainerState> Containers { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    public SandboxPhase Sandbox { get; init; }
    public DateTimeOffset? SandboxNotBefore { get; init; }
    public ImmutableArray<string> PodIPs { get; init; } = [];

    /// <summary>Every init container did its part in this sandbox.</summary>
    public bool Initialized { get; init; }

    /// <summary>Null: the pod is to run.</summary>
    public PodEnding? Ending { get; init; }

    /// <summary><see cref="PodAction.RemoveObject"/> was asked for.</summary>
    public bool RemovalAsked { get; init; }

    public string Uid => Pod.Metadata.Uid;
    public bool HasInstances => Containers.Any(container => container.HasInstance);

    /// <summary>Nothing of it runs any more and nothing will.</summary>
    public bool IsOver => Ending is not null && !HasInstances && Sandbox is SandboxPhase.None or SandboxPhase.Destroyed;

    public ContainerState? Find(string name)
    {
        foreach (var container in Containers)
        {
            if (container.Name == name) return container;
        }
        return null;
    }

    public V1Container? Spec(string name) =>
        Pod.Spec.Containers.FirstOrDefault(container => container.Name == name)
        ?? Pod.Spec.InitContainers?.FirstOrDefault(container => container.Name == name)
        ?? (Pod.Spec.EphemeralContainers?.FirstOrDefault(container => container.Name == name) is { } ephemeral ? EphemeralContainers.ToContainer(ephemeral) : null);

    /// <summary>The object changed: deletion asked for, images, ephemeral containers.</summary>
    public PodState WithPod(V1Pod pod, DateTimeOffset now)
    {
        var next = this with { Pod = pod };
        if (pod.Spec.EphemeralContainers is { } ephemeral)
        {
            var added = ephemeral.Where(container => Find(container.Name) is null).Select(container => new ContainerState(container.Name, ContainerRole.Ephemeral));
            next = next with { Containers = [.. next.Containers, .. added] };
        }
        foreach (var container in next.Containers)
        {
            if (container is { Phase: ContainerPhase.Running, Kill: null, Role: not ContainerRole.Ephemeral, StartedImage: { } started } && next.Spec(container.Name) is { } spec && spec.Image != started)
            {
                var kind = container.Role == ContainerRole.Main ? "Container" : "Init container";
                next = next.Replace(container with { Kill = new(ContainerKillReason.SpecChanged, $"{kind} {container.Name} definition changed, will be restarted") });
            }
        }
        return pod.Metadata.DeletionTimestamp is null ? next : next.End(PodEndingCause.Deleted, now, next.DeletionGrace);
    }

    /// <summary>The API object is no more.</summary>
    public PodState ObjectGone(DateTimeOffset now) => End(PodEndingCause.Gone, now, DeletionGrace);

    /// <summary>Brings the pod to its end; a later call can only shorten the grace.</summary>
    public PodState End(PodEndingCause cause, DateTimeOffset now, TimeSpan grace, string? reason = null, string? message = null)
    {
        if (Ending is null) return this with { Ending = new PodEnding(cause, now, grace, reason, message) };
        var shorter = now + grace < Ending.Since + Ending.Grace ? Ending with { Since = now, Grace = grace } : Ending;
        // Once the object is gone there is nobody left to write a status for.
        return this with { Ending = cause == PodEndingCause.Gone ? shorter with { Cause = cause } : shorter };
    }

    public PodState SandboxReady(ImmutableArray<string> podIPs) => this with { Sandbox = SandboxPhase.Ready, PodIPs = podIPs, SandboxNotBefore = null };

    public PodState SandboxFailed(DateTimeOffset retryAt) => this with { Sandbox = SandboxPhase.None, SandboxNotBefore = retryAt };

    /// <summary>What a sandbox waited for may be there now.</summary>
    public PodState RetryNow()
    {
        var next = this with { SandboxNotBefore = null };
        foreach (var container in next.Containers)
        {
            if (container is { Phase: ContainerPhase.Waiting, WaitingReason: WaitingReasons.CreateContainerConfigError }) next = next.Replace(container with { NotBefore = null });
        }
        return next;
    }

    public PodState SandboxDestroyed() => this with { Sandbox = SandboxPhase.Destroyed };

    public PodState ContainerStarted(string name, string containerId, string imageId, string resolvedImage, DateTimeOffset at, V1ContainerUser? user = null)
    {
        if (Find(name) is not { Phase: ContainerPhase.Starting or ContainerPhase.Stopping } container) return this;
        var spec = Spec(name);
        var started = spec?.StartupProbe is null;
        return Replace(container with
        {
            Phase = container.Phase == ContainerPhase.Starting ? ContainerPhase.Running : container.Phase,
            ContainerId = containerId,
            ImageId = imageId,
            ResolvedImage = resolvedImage,
            User = user,
            StartedImage = spec?.Image,
            StartedAt = at,
            RestartCount = container.HasRun ? container.RestartCount + 1 : container.RestartCount,
            HasRun = true,
            Started = started,
            PassesReadiness = spec?.ReadinessProbe is null,
            Pulls = FailureBackoff.None,
            PullError = null,
            WaitingReason = null,
            WaitingMessage = null,
            NotBefore = null,
            InitializationDone = container.InitializationDone || (container.Role == ContainerRole.Sidecar && started),
        });
    }

    public PodState ContainerExited(string name, string? containerId, int exitCode, string reason, string? message, DateTimeOffset at)
    {
        if (Find(name) is not { HasInstance: true } container) return this;
        // A stop can overtake the start: then there was an instance, though it never was Running and hasn't been counted.
        var counted = container.StartedAt is not null || !container.HasRun;
        return Replace(container with
        {
            Phase = ContainerPhase.Exited,
            BeforeLast = container.Last,
            Last = new ContainerTermination(container.ContainerId ?? containerId ?? "", exitCode, reason, message, container.StartedAt ?? at, at),
            RestartCount = counted ? container.RestartCount : container.RestartCount + 1,
            HasRun = true,
            Started = false,
            PassesReadiness = false,
            MustRestart = container.Kill is { Reason: ContainerKillReason.Resize },
            Kill = null,
            StopDeadline = null,
            WaitingReason = null,
            WaitingMessage = null,
            InitializationDone = container.InitializationDone || (container.Role == ContainerRole.Init && exitCode == 0),
        });
    }

    /// <summary>No instance came to be, or it could not be started.</summary>
    /// <param name="reason">One of <see cref="WaitingReasons"/>.</param>
    public PodState ContainerStartFailed(string name, string reason, string message, ContainerTimings timings, DateTimeOffset at, string? containerId = null)
    {
        if (Find(name) is not { HasInstance: true } container) return this;
        var waiting = container with { Phase = ContainerPhase.Waiting, WaitingReason = reason, WaitingMessage = message, StopDeadline = null, Kill = null };
        switch (reason)
        {
            case WaitingReasons.RunContainerError:
                return Replace(waiting with
                {
                    Phase = ContainerPhase.Exited,
                    RestartCount = container.HasRun ? container.RestartCount + 1 : container.RestartCount,
                    HasRun = true,
                    BeforeLast = container.Last,
                    Last = new ContainerTermination(containerId ?? "", 128, WaitingReasons.StartError, message, DateTimeOffset.UnixEpoch, at),
                });
            case WaitingReasons.ErrImagePull:
                var pulls = container.Pulls.Next(at, at, timings.PullInitial, timings.PullMaximum);
                return Replace(waiting with { Pulls = pulls, NotBefore = at + pulls.Delay, PullError = message });
            default:
                return Replace(waiting with { NotBefore = at + timings.ConfigRetry });
        }
    }

    public PodState ProbeChanged(string name, ProbeKind kind, bool success)
    {
        if (Find(name) is not { Phase: ContainerPhase.Running or ContainerPhase.Stopping } container) return this;
        var restarts = RestartRules.ShouldRestart(Pod.Spec, Spec(name), container.Role, exitCode: 137) ? ", will be restarted" : "";
        var word = container.Role == ContainerRole.Main ? "Container" : "Init container";
        return kind switch
        {
            ProbeKind.Readiness => Replace(container with { PassesReadiness = success }),
            ProbeKind.Startup when success => Replace(container with { Started = true, InitializationDone = container.InitializationDone || container.Role == ContainerRole.Sidecar }),
            ProbeKind.Liveness when success => this,
            ProbeKind.Startup => Replace(container with { Kill = container.Kill ?? new(ContainerKillReason.StartupProbe, $"{word} {name} failed startup probe{restarts}") }),
            _ => Replace(container with { Kill = container.Kill ?? new(ContainerKillReason.LivenessProbe, $"{word} {name} failed liveness probe{restarts}") }),
        };
    }

    internal PodState Replace(ContainerState container)
    {
        for (var i = 0; i < Containers.Length; i++)
        {
            if (Containers[i].Name == container.Name) return this with { Containers = Containers.SetItem(i, container) };
        }
        throw new ArgumentException($"The pod has no container {container.Name}.", nameof(container));
    }

    /// <summary>calculateEffectiveGracePeriod in pkg/kubelet/pod_workers.go: at least a second.</summary>
    private TimeSpan DeletionGrace
    {
        get
        {
            var seconds = Pod.Metadata.DeletionGracePeriodSeconds ?? Pod.Spec.TerminationGracePeriodSeconds;
            var grace = seconds is { } given ? TimeSpan.FromSeconds(given) : DefaultGrace;
            return grace < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : grace;
        }
    }

    /// <summary>The grace that the pod gives each of its containers.</summary>
    internal TimeSpan SpecGrace => Pod.Spec.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultGrace;
}
