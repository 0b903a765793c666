namespace ActorCluster.Controllers.Reconciling;

/// <summary>Look at this key soon.</summary>
internal sealed record EnqueueKey(string Key);

/// <summary>Look at this key after a time.</summary>
internal sealed record EnqueueKeyAfter(string Key, TimeSpan Delay);

/// <summary>The caches are filled: start working.</summary>
internal sealed record BeginReconciling
{
    public static readonly BeginReconciling Instance = new();
}

/// <summary>The timer of the delayed keys has fired.</summary>
internal sealed record DelayElapsed
{
    public static readonly DelayElapsed Instance = new();
}

/// <summary>A key's run has ended; <paramref name="Failure"/> is null if it went well.</summary>
internal sealed record KeyReconciled(string Key, ReconcileResult Result, Exception? Failure);
