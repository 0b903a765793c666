namespace ActorCluster.Nodes.Probes;

/// <summary>Counts a probe's results in a row against its thresholds (pkg/kubelet/prober/worker.go).</summary>
/// <param name="Last">The last result; null before the first.</param>
internal readonly record struct ProbeCounter(bool? Last, int Run)
{
    /// <returns>The counter after the result, and the verdict if a threshold is reached: true for success, false for failure.</returns>
    public (ProbeCounter Next, bool? Verdict) Add(bool success, int successThreshold, int failureThreshold)
    {
        var next = new ProbeCounter(success, Last == success ? Run + 1 : 1);
        return (next, next.Run >= (success ? successThreshold : failureThreshold) ? success : null);
    }
}
