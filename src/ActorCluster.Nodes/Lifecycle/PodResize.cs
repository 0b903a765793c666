namespace ActorCluster.Nodes.Lifecycle;

/// <summary>Why the node doesn't allocate what the spec asks for now: the condition PodResizePending.</summary>
/// <param name="Generation">Of the pod whose spec asks for it.</param>
/// <param name="Since">When the condition came to be.</param>
internal sealed record PendingResize(string Reason, string Message, long Generation, DateTimeOffset Since)
{
    /// <summary>It would fit if others took less.</summary>
    public const string Deferred = "Deferred";
}

/// <summary>How far a change of a running pod's resources is (KEP-1287): first the node allocates them, then the containers get them.</summary>
internal sealed record PodResize
{
    public static readonly PodResize None = new();

    /// <summary>The generation that the node was last asked about; null if it never was.</summary>
    public long? AskedGeneration { get; init; }

    /// <summary>The node hasn't answered yet; what it will say belongs to the status of that generation.</summary>
    public bool IsAsked { get; init; }

    public PendingResize? Pending { get; init; }

    /// <summary>The generation that was allocated and that not every container has yet: the condition PodResizeInProgress. Null if all have.</summary>
    public long? ActuatingGeneration { get; init; }

    public DateTimeOffset ActuatingSince { get; init; }
}
