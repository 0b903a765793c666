using ActorCluster.Contracts.Runtime;
using ActorCluster.Store.Backends;
using ActorCluster.Store.History;
using ActorCluster.Store.Snapshots;

namespace ActorCluster.Store.Writing;

/// <summary>What readers see: the newest snapshot and the watch history. The writer alone publishes.</summary>
internal sealed class StoreState(StoreSnapshot snapshot, WatchHistory history)
{
    private volatile StoreSnapshot _snapshot = snapshot;

    public StoreSnapshot Snapshot => _snapshot;

    public WatchHistory History { get; } = history;

    /// <summary>The snapshot first: whoever learns of a change by a watch finds it in the snapshot.</summary>
    public void Publish(SnapshotBuilder batch)
    {
        _snapshot = batch.ToSnapshot();
        History.Append(batch.Changes);
    }

    /// <summary>Rebuilds what the backend holds: the newest version of each object, and the changes it still has.</summary>
    public static async Task<StoreState> LoadAsync(
        IStorageBackend backend, StorageHead head, SimulationContext simulation, StoreOptions options, CancellationToken ct)
    {
        var loader = new StateLoader(head.CompactedRevision, new WatchHistory(simulation.Clock, options, head.CompactedRevision));
        using var load = new UninterruptedLoad(head.Bytes);
        await foreach (var version in backend.ReadAsync(0, ct)) loader.Add(version);
        return loader.Finish(head.Revision);
    }
}
