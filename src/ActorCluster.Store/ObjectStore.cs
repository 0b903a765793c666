using ActorCluster.Api;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Store.History;
using ActorCluster.Store.Snapshots;
using ActorCluster.Store.Writing;

namespace ActorCluster.Store;

/// <summary>The store: immutable snapshots for readers, one writer with group commit, a bounded watch history, on any backend.</summary>
public sealed class ObjectStore : IObjectStore, IAsyncDisposable
{
    private readonly IStorageBackend _backend;
    private readonly StoreState _state;
    private readonly StoreWriter _writer;

    private ObjectStore(IStorageBackend backend, StoreState state, StoreWriter writer)
    {
        _backend = backend;
        _state = state;
        _writer = writer;
    }

    public IStoreSnapshot Snapshot => _state.Snapshot;

    /// <inheritdoc/>
    public string? WriteFault => _writer.Fault;

    /// <summary>How many transactions the backend was given: fewer than commits, when commits come together.</summary>
    public long BatchesWritten => _writer.BatchesWritten;

    /// <summary>Takes the storage over from any earlier writer and loads it. The store disposes of the backend.</summary>
    /// <exception cref="StorageException">The storage can't be used; the message says what to do.</exception>
    public static async Task<ObjectStore> OpenAsync(
        IStorageBackend backend, SimulationContext simulation, StoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(simulation);
        options ??= new StoreOptions();
        var head = await backend.TakeOverAsync(cancellationToken);
        var state = await StoreState.LoadAsync(backend, head, simulation, options, cancellationToken);
        return new ObjectStore(backend, state, new StoreWriter(backend, head, state, options, simulation, new StringPool()));
    }

    /// <inheritdoc/>
    /// <remarks>A delete without an expected revision of what isn't there gives no entry in the answer. Cancelling leaves open whether
    /// the transaction is carried out, unless it is still queued.</remarks>
    public Task<CommitResult> CommitAsync(IReadOnlyList<Mutation> mutations, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mutations);
        foreach (var mutation in mutations)
        {
            if (mutation is Mutation.Put { Json: var json } && (uint)json.RevisionOffset > (uint)json.Utf8.Length)
                throw new ArgumentException($"The revision's offset {json.RevisionOffset} is outside the JSON of {mutation.Key}.", nameof(mutations));
        }

        return _writer.CommitAsync(new PendingCommit(mutations, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>A revision that was never given out (the store was emptied since) counts as compacted too: such a client must list anew.</remarks>
    public IStoreWatch Watch(ResourceName resource, string? @namespace, long afterRevision, FieldValue? only = null)
    {
        var newest = _state.Snapshot.Revision;
        if (afterRevision > newest) throw new RevisionCompactedException(afterRevision, newest);
        return _state.History.Watch(new FeedScope(resource, @namespace, only), afterRevision);
    }

    /// <summary>Carries out the writes that wait, then closes the backend.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.CloseAsync();
        await _backend.DisposeAsync();
    }
}
