using System.Runtime.CompilerServices;

namespace ActorCluster.Store.Backends;

/// <summary>Keeps everything in this object's memory: for tests and for clusters that need not outlive their process.</summary>
/// <remarks>Several stores may be opened on it one after another, as restarts of one control plane.</remarks>
public sealed class MemoryBackend : IStorageBackend
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, StoredVersion> _versions = [];
    private long _epoch;
    private long _revision;
    private long _compacted;

    public bool IsImmediate => true;

    public Task<StorageHead> TakeOverAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult(new StorageHead(++_epoch, _revision, _compacted));
    }

    public async IAsyncEnumerable<StoredVersion> ReadAsync(long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<StoredVersion> versions;
        lock (_lock) versions = [.. _versions.Values.Where(version => version.Revision > afterRevision)];
        foreach (var version in versions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return version;
        }

        await Task.CompletedTask;
    }

    public Task CommitAsync(long epoch, IReadOnlyList<StoredVersion> versions, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            CheckEpoch(epoch);
            foreach (var version in versions) _versions.Add(version.Revision, version);
            _revision = versions[^1].Revision;
            return Task.CompletedTask;
        }
    }

    public Task CompactAsync(long epoch, long revision, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            CheckEpoch(epoch);
            // By number: a walk over what was compacted before would take longer with every object that stays.
            for (var at = _compacted + 1; at <= revision; at++)
            {
                if (!_versions.TryGetValue(at, out var version)) continue;
                _versions.Remove(version.PreviousRevision);
                if (version.Object is null) _versions.Remove(version.Revision);
            }

            _compacted = Math.Max(_compacted, revision);
            return Task.CompletedTask;
        }
    }

    /// <summary>Nothing to release: what was written stays readable for the next store opened on this backend.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void CheckEpoch(long epoch)
    {
        if (epoch != _epoch) throw new WriterReplacedException(epoch, _epoch);
    }
}
