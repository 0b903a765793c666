namespace ActorCluster.Nodes.Lifecycle;

/// <summary>
/// An exponential delay that is forgotten after twice its maximum of quiet (client-go/util/flowcontrol/backoff.go, which the kubelet uses for
/// crash loops and image pulls).
/// </summary>
/// <param name="Delay">Zero: nothing has failed yet.</param>
internal readonly record struct FailureBackoff(TimeSpan Delay, DateTimeOffset LastUpdate)
{
    public static FailureBackoff None => default;

    /// <summary>When the next attempt may be made after a failure at <paramref name="failedAt"/>; at once if nothing failed lately.</summary>
    public DateTimeOffset RetryAt(DateTimeOffset failedAt, TimeSpan maximum) =>
        Delay == TimeSpan.Zero || IsForgotten(failedAt, maximum) ? failedAt : failedAt + Delay;

    /// <summary>The delay after one more failure at <paramref name="failedAt"/>, noted at <paramref name="now"/>.</summary>
    public FailureBackoff Next(DateTimeOffset failedAt, DateTimeOffset now, TimeSpan initial, TimeSpan maximum)
    {
        if (Delay == TimeSpan.Zero || IsForgotten(failedAt, maximum)) return new FailureBackoff(initial, now);
        var doubled = Delay + Delay;
        return new FailureBackoff(doubled < maximum ? doubled : maximum, now);
    }

    private bool IsForgotten(DateTimeOffset at, TimeSpan maximum) => at - LastUpdate > maximum + maximum;
}
