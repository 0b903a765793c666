namespace ActorCluster.Nodes.Lifecycle;

internal enum PodEndingCause
{
    /// <summary>Its main containers are done and none is to be started again.</summary>
    Completed,

    /// <summary>An init container failed and may not be started again.</summary>
    InitializationFailed,

    /// <summary>The API object has a deletionTimestamp.</summary>
    Deleted,

    /// <summary>The API object was removed while containers still ran (force deletion).</summary>
    Gone,

    /// <summary>spec.activeDeadlineSeconds passed.</summary>
    DeadlineExceeded,

    /// <summary>The node refused it.</summary>
    Rejected,

    /// <summary>The node shuts down in an orderly way.</summary>
    NodeShutdown,

    /// <summary>It holds more of the node's storage than it may.</summary>
    Evicted,
}

/// <summary>Why and since when a pod is being brought to its end. Never undone; only its grace can become shorter.</summary>
/// <param name="Reason">For causes that fail the pod: status.reason and status.message.</param>
internal sealed record PodEnding(PodEndingCause Cause, DateTimeOffset Since, TimeSpan Grace, string? Reason = null, string? Message = null)
{
    public bool FailsPod => Cause is PodEndingCause.DeadlineExceeded or PodEndingCause.Rejected or PodEndingCause.NodeShutdown or PodEndingCause.Evicted;
}
