using ActorCluster.Store.Backends;

namespace ActorCluster.Benchmarks.Api;

/// <summary>Writes down how many versions each transaction had, and how large they were.</summary>
internal sealed class RecordingBackend(IStorageBackend backend) : IStorageBackend
{
    /// <summary>The JSON of each version, by transaction.</summary>
    public List<ReadOnlyMemory<byte>[]> Batches { get; } = [];

    public Task<StorageHead> TakeOverAsync(CancellationToken cancellationToken) => backend.TakeOverAsync(cancellationToken);

    public IAsyncEnumerable<StoredVersion> ReadAsync(long afterRevision, CancellationToken cancellationToken) => backend.ReadAsync(afterRevision, cancellationToken);

    public Task CommitAsync(long epoch, IReadOnlyList<StoredVersion> versions, CancellationToken cancellationToken)
    {
        Batches.Add([.. versions.Select(version => version.Object?.Json ?? default)]);
        return backend.CommitAsync(epoch, versions, cancellationToken);
    }

    public Task CompactAsync(long epoch, long revision, CancellationToken cancellationToken) => backend.CompactAsync(epoch, revision, cancellationToken);

    public ValueTask DisposeAsync() => backend.DisposeAsync();
}
