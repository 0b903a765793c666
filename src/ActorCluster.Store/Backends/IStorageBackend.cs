using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.Backends;

/// <summary>
/// Where objects survive: a log of versions, of which the newest of each object is its current state, and which compaction thins out.
/// Called by one writer at a time, one call at a time. Every commit and compaction names the writer's epoch, and fails if another
/// writer has taken over since.
/// </summary>
public interface IStorageBackend : IAsyncDisposable
{
    /// <summary>Whether all that it is asked for is done when the call returns: there is nothing to wait for, and nothing gained by writing the transactions of several callers together.</summary>
    bool IsImmediate => false;

    /// <summary>Takes over as the only writer: no earlier writer's commit succeeds from here on.</summary>
    /// <exception cref="StorageException">The storage can't be opened, read or written, or is none of ours.</exception>
    Task<StorageHead> TakeOverAsync(CancellationToken cancellationToken);

    /// <summary>
    /// All kept versions after a revision, in revision order. From 0: everything, that is each existing object's newest version, and
    /// whatever compaction has not yet removed (at least all that is newer than <see cref="StorageHead.CompactedRevision"/>, and each
    /// such version's predecessor).
    /// </summary>
    /// <exception cref="StorageException">The storage can't be read, or is damaged.</exception>
    IAsyncEnumerable<StoredVersion> ReadAsync(long afterRevision, CancellationToken cancellationToken);

    /// <summary>Appends versions in one transaction. When it completes they survive the end of the process and of the machine's power.</summary>
    /// <exception cref="WriterReplacedException">Another writer has taken over; nothing was written.</exception>
    /// <exception cref="StorageException">It failed. Whether anything was written is unknown until the versions are read again; but never a part.</exception>
    Task CommitAsync(long epoch, IReadOnlyList<StoredVersion> versions, CancellationToken cancellationToken);

    /// <summary>Removes deletions up to a revision, and versions that were replaced or deleted at or before it.</summary>
    /// <exception cref="WriterReplacedException">Another writer has taken over; nothing was removed.</exception>
    Task CompactAsync(long epoch, long revision, CancellationToken cancellationToken);
}

/// <param name="Epoch">The number of this writer; each has a higher one than those before it.</param>
/// <param name="Revision">The newest revision ever written.</param>
/// <param name="CompactedRevision">Changes after this one are all kept.</param>
public readonly record struct StorageHead(long Epoch, long Revision, long CompactedRevision)
{
    /// <summary>How much there is to read, more or less; 0 where nothing needs to be read into memory.</summary>
    public long Bytes { get; init; }
}

/// <summary>One object at one revision, or its deletion.</summary>
/// <param name="PreviousRevision">The revision that this one replaces or deletes; 0 if it creates the object.</param>
/// <param name="Object">Null for a deletion.</param>
public sealed record StoredVersion(long Revision, long PreviousRevision, ObjectKey Key, StoredObject? Object);

/// <summary>The storage can't be used; the message says what to do about it.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another writer has taken over this storage.</summary>
public sealed class WriterReplacedException(long epoch, long newEpoch)
    : Exception($"another writer took over the store (epoch {newEpoch}; this one's is {epoch})");
