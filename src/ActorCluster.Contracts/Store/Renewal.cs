using System.Collections.Immutable;

namespace ActorCluster.Contracts.Store;

/// <summary>
/// What is known of an object's bytes that were written as those before them with nothing new but its revision and times: readers that have the object before needn't read all of it again.
/// It holds of every object of the same layout, and lives no longer than the process.
/// </summary>
public record Renewal
{
    /// <summary>Where the time of the spec is that was renewed, without its quotes, counted from the end; null: none was.</summary>
    public Range? Heartbeat { get; init; }

    /// <summary>Of the conditions of the status that were renewed, each once: the type, and where the time is, as in <see cref="Heartbeat"/>.</summary>
    public ImmutableArray<(string Type, Range Heartbeat)> Conditions { get; init; } = [];
}
