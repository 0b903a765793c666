using ActorCluster.Store.Backends;

namespace ActorCluster.Store.Tests;

/// <summary>Holds every commit until the gate is opened, and can make commits fail before or after they reach the real backend.</summary>
internal sealed class GatedBackend : IStorageBackend
{
    private readonly MemoryBackend _real = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the first commit has arrived.</summary>
    public Task Entered => _entered.Task;

    public bool FailBefore { get; set; }

    public bool FailAfter { get; set; }

    public void Open() => _gate.TrySetResult();

    public Task<StorageHead> TakeOverAsync(CancellationToken cancellationToken) => _real.TakeOverAsync(cancellationToken);

    public IAsyncEnumerable<StoredVersion> ReadAsync(long afterRevision, CancellationToken cancellationToken) =>
        _real.ReadAsync(afterRevision, cancellationToken);

    public async Task CommitAsync(long epoch, IReadOnlyList<StoredVersion> versions, CancellationToken cancellationToken)
    {
        _entered.TrySetResult();
        await _gate.Task;
        if (FailBefore) throw new StorageException("the disk is gone");
        await _real.CommitAsync(epoch, versions, cancellationToken);
        if (FailAfter) throw new StorageException("the disk went right after writing");
    }

    public Task CompactAsync(long epoch, long revision, CancellationToken cancellationToken) => _real.CompactAsync(epoch, revision, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
