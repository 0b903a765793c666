namespace ActorCluster.Nodes.Lifecycle;

/// <summary>The reasons of status.containerStatuses[].state, as the kubelet words them (pkg/kubelet/images/types.go, pkg/kubelet/container/sync_result.go,
/// pkg/kubelet/kuberuntime/kuberuntime_container.go).</summary>
internal static class WaitingReasons
{
    public const string ContainerCreating = "ContainerCreating";
    public const string PodInitializing = "PodInitializing";
    public const string CrashLoopBackOff = "CrashLoopBackOff";
    public const string ErrImagePull = "ErrImagePull";
    public const string ImagePullBackOff = "ImagePullBackOff";
    public const string ErrImageNeverPull = "ErrImageNeverPull";
    public const string InvalidImageName = "InvalidImageName";
    public const string CreateContainerConfigError = "CreateContainerConfigError";
    public const string CreateContainerError = "CreateContainerError";
    public const string RunContainerError = "RunContainerError";

    /// <summary>Of a termination: the runtime could not start the main process.</summary>
    public const string StartError = "StartError";
    public const string Completed = "Completed";
    public const string Error = "Error";

    /// <summary>Of a termination: its node went away and came back.</summary>
    public const string Unknown = "Unknown";
    public const string ContainerStatusUnknown = "ContainerStatusUnknown";
}

internal enum ProbeKind
{
    Startup,
    Liveness,
    Readiness,
}

/// <summary>The delays of a pod's life.</summary>
/// <param name="ConfigRetry">Between attempts to make a container whose configuration is incomplete (the pod workers' backOffPeriod, pkg/kubelet/kubelet.go).</param>
internal sealed record ContainerTimings(TimeSpan CrashInitial, TimeSpan CrashMaximum, TimeSpan PullInitial, TimeSpan PullMaximum, TimeSpan ConfigRetry)
{
    public static ContainerTimings From(Contracts.Runtime.ClusterTimings timings) =>
        new(timings.CrashLoopInitialBackoff, timings.CrashLoopMaxBackoff, timings.ImagePullInitialBackoff, timings.ImagePullMaxBackoff, TimeSpan.FromSeconds(10));
}
