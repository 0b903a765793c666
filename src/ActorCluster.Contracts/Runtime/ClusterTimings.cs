namespace ActorCluster.Contracts.Runtime;

/// <summary>Timers, by the names of the upstream flags that set them. Every one can be set alone: <c>--node-monitor-grace-period=4s</c>.</summary>
public sealed record ClusterTimings
{
    /// <summary>Upstream's own values (cmd/kube-controller-manager/app/options, pkg/kubelet/apis/config/v1beta1/defaults.go, 1.36).</summary>
    public static readonly ClusterTimings Kubernetes = new();

    /// <summary>The same machinery scaled for people who watch: a killed node's pods run elsewhere within 10 s.</summary>
    public static readonly ClusterTimings Fast = new()
    {
        NodeStatusUpdateFrequency = TimeSpan.FromSeconds(1),
        NodeLeaseDuration = TimeSpan.FromSeconds(4),
        NodeMonitorPeriod = TimeSpan.FromMilliseconds(500),
        NodeMonitorGracePeriod = TimeSpan.FromSeconds(3),
        NodeStartupGracePeriod = TimeSpan.FromSeconds(10),
        DefaultNotReadyToleration = TimeSpan.FromSeconds(1),
        DefaultUnreachableToleration = TimeSpan.FromSeconds(1),
        NodeEvictionRate = 10,
        SecondaryNodeEvictionRate = 10,
        CrashLoopInitialBackoff = TimeSpan.FromSeconds(1),
        CrashLoopMaxBackoff = TimeSpan.FromSeconds(30),
        ImagePullInitialBackoff = TimeSpan.FromSeconds(1),
        ImagePullMaxBackoff = TimeSpan.FromSeconds(30),
        PodInitialBackoff = TimeSpan.FromMilliseconds(200),
        PodMaxBackoff = TimeSpan.FromSeconds(2),
        HorizontalPodAutoscalerSyncPeriod = TimeSpan.FromSeconds(2),
        HorizontalPodAutoscalerDownscaleStabilization = TimeSpan.FromSeconds(20),
    };

    /// <summary>kubelet --node-status-update-frequency; also how often the lease is renewed is a quarter of <see cref="NodeLeaseDuration"/>.</summary>
    public TimeSpan NodeStatusUpdateFrequency { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>kubelet nodeLeaseDurationSeconds (whole seconds).</summary>
    public TimeSpan NodeLeaseDuration { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>kube-controller-manager --node-monitor-period.</summary>
    public TimeSpan NodeMonitorPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>kube-controller-manager --node-monitor-grace-period.</summary>
    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>kube-controller-manager --node-startup-grace-period.</summary>
    public TimeSpan NodeStartupGracePeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>kube-apiserver --default-not-ready-toleration-seconds.</summary>
    public TimeSpan DefaultNotReadyToleration { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>kube-apiserver --default-unreachable-toleration-seconds.</summary>
    public TimeSpan DefaultUnreachableToleration { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>kube-controller-manager --node-eviction-rate, nodes a second.</summary>
    public double NodeEvictionRate { get; init; } = 0.1;

    /// <summary>kube-controller-manager --secondary-node-eviction-rate, nodes a second.</summary>
    public double SecondaryNodeEvictionRate { get; init; } = 0.01;

    public TimeSpan CrashLoopInitialBackoff { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan CrashLoopMaxBackoff { get; init; } = TimeSpan.FromSeconds(300);
    public TimeSpan ImagePullInitialBackoff { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan ImagePullMaxBackoff { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>kube-scheduler podInitialBackoffSeconds.</summary>
    public TimeSpan PodInitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>kube-scheduler podMaxBackoffSeconds.</summary>
    public TimeSpan PodMaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>kube-controller-manager --horizontal-pod-autoscaler-sync-period.</summary>
    public TimeSpan HorizontalPodAutoscalerSyncPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>kube-controller-manager --horizontal-pod-autoscaler-downscale-stabilization.</summary>
    public TimeSpan HorizontalPodAutoscalerDownscaleStabilization { get; init; } = TimeSpan.FromMinutes(5);
}
