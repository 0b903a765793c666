using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Host.Options;

/// <summary>One timer that can be set alone.</summary>
/// <param name="Name">The upstream flag without its dashes; for what upstream has only as a field of a configuration file, that field's name in a flag's dress.</param>
/// <param name="Description">For --help.</param>
/// <param name="Apply">The timings with this one set; null if the text can't be read.</param>
/// <param name="Read">The text that <paramref name="Apply"/> reads back.</param>
public sealed record TimingFlag(string Name, string Description, Func<ClusterTimings, string, ClusterTimings?> Apply, Func<ClusterTimings, string> Read);

/// <summary>All timers by name, and the two ready-made sets of them.</summary>
public static class TimingFlags
{
    public const string Fast = "fast";
    public const string Kubernetes = "kubernetes";

    public static readonly ImmutableArray<TimingFlag> All =
    [
        Duration("node-status-update-frequency", "how often a node reports its status (kubelet)",
            timings => timings.NodeStatusUpdateFrequency, (timings, value) => timings with { NodeStatusUpdateFrequency = value }),
        Seconds("node-lease-duration-seconds", "how long a node's lease is valid, in seconds (kubelet nodeLeaseDurationSeconds)",
            timings => timings.NodeLeaseDuration, (timings, value) => timings with { NodeLeaseDuration = value }),
        Duration("node-monitor-period", "how often nodes' health is looked at (kube-controller-manager)",
            timings => timings.NodeMonitorPeriod, (timings, value) => timings with { NodeMonitorPeriod = value }),
        Duration("node-monitor-grace-period", "how long a node may be silent before it counts as lost (kube-controller-manager)",
            timings => timings.NodeMonitorGracePeriod, (timings, value) => timings with { NodeMonitorGracePeriod = value }),
        Duration("node-startup-grace-period", "the same for a node that has never reported (kube-controller-manager)",
            timings => timings.NodeStartupGracePeriod, (timings, value) => timings with { NodeStartupGracePeriod = value }),
        Seconds("default-not-ready-toleration-seconds", "how long a pod stays on a node that is not ready, in seconds (kube-apiserver)",
            timings => timings.DefaultNotReadyToleration, (timings, value) => timings with { DefaultNotReadyToleration = value }),
        Seconds("default-unreachable-toleration-seconds", "how long a pod stays on a node that is unreachable, in seconds (kube-apiserver)",
            timings => timings.DefaultUnreachableToleration, (timings, value) => timings with { DefaultUnreachableToleration = value }),
        Rate("node-eviction-rate", "nodes a second whose pods are evicted (kube-controller-manager)",
            timings => timings.NodeEvictionRate, (timings, value) => timings with { NodeEvictionRate = value }),
        Rate("secondary-node-eviction-rate", "the same while most nodes of a zone are lost (kube-controller-manager)",
            timings => timings.SecondaryNodeEvictionRate, (timings, value) => timings with { SecondaryNodeEvictionRate = value }),
        Duration("crash-loop-initial-backoff", "the first wait before a crashed container starts again (kubelet)",
            timings => timings.CrashLoopInitialBackoff, (timings, value) => timings with { CrashLoopInitialBackoff = value }),
        Duration("crash-loop-max-backoff", "the longest such wait (kubelet crashLoopBackOff.maxContainerRestartPeriod)",
            timings => timings.CrashLoopMaxBackoff, (timings, value) => timings with { CrashLoopMaxBackoff = value }),
        Duration("image-pull-initial-backoff", "the first wait before an image is looked for again (kubelet)",
            timings => timings.ImagePullInitialBackoff, (timings, value) => timings with { ImagePullInitialBackoff = value }),
        Duration("image-pull-max-backoff", "the longest such wait (kubelet)",
            timings => timings.ImagePullMaxBackoff, (timings, value) => timings with { ImagePullMaxBackoff = value }),
        Seconds("pod-initial-backoff-seconds", "the first wait before an unschedulable pod is tried again, in seconds (kube-scheduler podInitialBackoffSeconds)",
            timings => timings.PodInitialBackoff, (timings, value) => timings with { PodInitialBackoff = value }),
        Seconds("pod-max-backoff-seconds", "the longest such wait, in seconds (kube-scheduler podMaxBackoffSeconds)",
            timings => timings.PodMaxBackoff, (timings, value) => timings with { PodMaxBackoff = value }),
        Duration("horizontal-pod-autoscaler-sync-period", "how often autoscalers look at what pods use (kube-controller-manager)",
            timings => timings.HorizontalPodAutoscalerSyncPeriod, (timings, value) => timings with { HorizontalPodAutoscalerSyncPeriod = value }),
        Duration("horizontal-pod-autoscaler-downscale-stabilization", "how long they wait before they take pods away (kube-controller-manager)",
            timings => timings.HorizontalPodAutoscalerDownscaleStabilization, (timings, value) => timings with { HorizontalPodAutoscalerDownscaleStabilization = value }),
    ];

    /// <returns>The ready-made set; null if there is none of that name.</returns>
    public static ClusterTimings? Preset(string name) => name switch
    {
        Fast => ClusterTimings.Fast,
        Kubernetes => ClusterTimings.Kubernetes,
        _ => null,
    };

    /// <summary>The command line that gives these timings from the set of that name: the timers that differ from it.</summary>
    public static IEnumerable<string> ToArguments(string preset, ClusterTimings timings)
    {
        var start = Preset(preset) ?? throw new ArgumentException($"There is no set of timings named {preset}.", nameof(preset));
        yield return $"--timing={preset}";
        foreach (var flag in All)
            if (flag.Read(timings) is var value && value != flag.Read(start))
                yield return $"--{flag.Name}={value}";
    }

    private static TimingFlag Duration(
        string name, string description, Func<ClusterTimings, TimeSpan> get, Func<ClusterTimings, TimeSpan, ClusterTimings> set) =>
        new(name, description,
            (timings, text) => Durations.TryParse(text, out var value) && value > TimeSpan.Zero ? set(timings, value) : null,
            timings => Durations.Format(get(timings)));

    private static TimingFlag Seconds(
        string name, string description, Func<ClusterTimings, TimeSpan> get, Func<ClusterTimings, TimeSpan, ClusterTimings> set) =>
        new(name, description,
            (timings, text) => Number(text) is { } value and < int.MaxValue ? set(timings, TimeSpan.FromSeconds(value)) : null,
            timings => get(timings).TotalSeconds.ToString(CultureInfo.InvariantCulture));

    private static TimingFlag Rate(
        string name, string description, Func<ClusterTimings, double> get, Func<ClusterTimings, double, ClusterTimings> set) =>
        new(name, description,
            (timings, text) => Number(text) is { } value ? set(timings, value) : null,
            timings => get(timings).ToString(CultureInfo.InvariantCulture));

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
