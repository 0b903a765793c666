namespace ActorCluster.Contracts.Store;

/// <summary>
/// What is known of an object's bytes that were written as those before them with nothing new but its revision and times: readers that have the object before needn't read all of it again.
/// It holds of every object of the same layout, and lives no longer than the process.
/// </summary>
public record Renewal
{
    /// <summary>Where the time of the spec is that was renewed, without its quotes, counted from the end; null: what was renewed is in the status.</summary>
    public Range? Heartbeat { get; init; }
}
