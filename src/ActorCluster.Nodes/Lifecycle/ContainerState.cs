using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>Which list of the pod's spec a container is in, and thereby how it is started, restarted and counted.</summary>
internal enum ContainerRole
{
    /// <summary>Runs to completion before the next one starts.</summary>
    Init,

    /// <summary>An init container with restartPolicy Always (KEP-753): stays, and is stopped after the main containers.</summary>
    Sidecar,

    Main,

    /// <summary>Added to a running pod by `kubectl debug`; never restarted.</summary>
    Ephemeral,
}

internal enum ContainerPhase
{
    /// <summary>No instance exists.</summary>
    Waiting,

    /// <summary>An instance is being made: pull, create, start, postStart hook.</summary>
    Starting,

    Running,

    /// <summary>It was told to end.</summary>
    Stopping,

    /// <summary>The last instance ended and no other has been started.</summary>
    Exited,
}

/// <summary>How one instance of a container ended; status.containerStatuses[].state.terminated.</summary>
internal sealed record ContainerTermination(
    string ContainerId,
    int ExitCode,
    string Reason,
    string? Message,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt);

/// <summary>What is known of one container of a pod. At most one instance of it exists at any time: Starting, Running and Stopping mean that one does.</summary>
internal sealed record ContainerState(string Name, ContainerRole Role)
{
    public ContainerPhase Phase { get; init; } = ContainerPhase.Waiting;

    /// <summary>Why it waits; null for the usual ContainerCreating or PodInitializing.</summary>
    public string? WaitingReason { get; init; }
    public string? WaitingMessage { get; init; }

    /// <summary>The image that the spec had when the instance was started.</summary>
    public string? StartedImage { get; init; }

    public string? ContainerId { get; init; }
    public string? ImageId { get; init; }

    /// <summary>The image's whole name, as a container runtime reports it: docker.io/library/nginx:latest.</summary>
    public string? ResolvedImage { get; init; }

    public DateTimeOffset? StartedAt { get; init; }
    public int RestartCount { get; init; }

    /// <summary>Whether any instance was ever started for this pod, so that the next one counts as a restart.</summary>
    public bool HasRun { get; init; }

    /// <summary>The startup probe passed, or there is none and the postStart hook is done.</summary>
    public bool Started { get; init; }

    /// <summary>The readiness probe's last word (true when there is none).</summary>
    public bool PassesReadiness { get; init; }

    /// <summary>How the last instance ended.</summary>
    public ContainerTermination? Last { get; init; }

    /// <summary>How the one before it ended.</summary>
    public ContainerTermination? BeforeLast { get; init; }

    public FailureBackoff Restarts { get; init; } = FailureBackoff.None;
    public FailureBackoff Pulls { get; init; } = FailureBackoff.None;

    /// <summary>Not to be started before this.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The last pull's error, kept for the message of ImagePullBackOff.</summary>
    public string? PullError { get; init; }

    /// <summary>When SIGKILL comes, once it was told to end.</summary>
    public DateTimeOffset? StopDeadline { get; init; }

    /// <summary>For init containers and sidecars: the next one may start, whatever happens to this one later.</summary>
    public bool InitializationDone { get; init; }

    /// <summary>A probe or a change of the spec wants this instance gone; null if all is well.</summary>
    public ContainerKill? Kill { get; init; }

    /// <summary>Whose its main process is, or was.</summary>
    public V1ContainerUser? User { get; init; }

    /// <summary>What the node has allocated to it.</summary>
    public V1ResourceRequirements? Allocated { get; init; }

    /// <summary>What the instance was made with or has been given since.</summary>
    public V1ResourceRequirements? Actual { get; init; }

    /// <summary>It was ended only to be started again, whatever the restart policy says.</summary>
    public bool MustRestart { get; init; }

    public bool HasInstance => Phase is ContainerPhase.Starting or ContainerPhase.Running or ContainerPhase.Stopping;

    public bool Ready => Role switch
    {
        ContainerRole.Init => Phase == ContainerPhase.Exited && Last is { ExitCode: 0 },
        ContainerRole.Ephemeral => false,
        _ => Phase is ContainerPhase.Running or ContainerPhase.Stopping && Started && PassesReadiness,
    };
}

internal enum ContainerKillReason
{
    LivenessProbe,
    StartupProbe,
    SpecChanged,
    PostStartHook,

    /// <summary>Its resizePolicy wants a restart for new resources.</summary>
    Resize,
}

/// <param name="Message">The Killing event's text.</param>
internal sealed record ContainerKill(ContainerKillReason Reason, string Message);
