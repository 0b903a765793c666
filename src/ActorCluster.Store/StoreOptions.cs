namespace ActorCluster.Store;

/// <summary>The store's bounds. The defaults are for clusters of up to some hundred thousand objects.</summary>
public sealed record StoreOptions
{
    /// <summary>Changes younger than this stay available to watches, as long as the two maxima allow (etcd's compaction interval in upstream's API server: 5 min).</summary>
    public TimeSpan HistoryAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>So many of the newest changes stay, however old they are.</summary>
    public int HistoryMinimum { get; init; } = 1_000;

    /// <summary>More changes than this are never kept, however young they are.</summary>
    public int HistoryMaximum { get; init; } = 100_000;

    /// <summary>Bytes of JSON that the kept changes may hold.</summary>
    public long HistoryMaximumBytes { get; init; } = 256L << 20;

    /// <summary>A transaction of the backend takes at most so many mutations (one caller's transaction is never split).</summary>
    public int BatchMutations { get; init; } = 1_000;

    /// <summary>Callers beyond so many wait before they are even queued.</summary>
    public int QueueLength { get; init; } = 10_000;
}
