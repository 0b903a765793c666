using ActorCluster.Api;

namespace ActorCluster.Contracts.Store;

/// <summary>
/// The cluster's one truth: versioned objects as serialized UTF-8 JSON. Reads work on immutable snapshots and never queue
/// behind writes; writes go through one writer that groups what waits into one durable transaction.
/// </summary>
public interface IObjectStore
{
    /// <summary>The newest committed state. Cheap; hold it as long as one answer needs a consistent view.</summary>
    IStoreSnapshot Snapshot { get; }

    /// <summary>Why the last write failed; null if it didn't.</summary>
    string? WriteFault { get; }

    /// <summary>Commits all mutations in one revision step each, or none of them. Completes only when they are durable.</summary>
    /// <exception cref="StoreUnavailableException">The writer lost its epoch, or the backend fails.</exception>
    Task<CommitResult> CommitAsync(IReadOnlyList<Mutation> mutations, CancellationToken cancellationToken = default);

    /// <summary>
    /// Every change of a resource (of one namespace, if one is named) after <paramref name="afterRevision"/>, in order.
    /// The reader sets the pace; a reader that falls behind the history is ended with <see cref="RevisionCompactedException"/>.
    /// </summary>
    /// <param name="only">Changes of objects that have or had this value alone: a thousand nodes that watch their own pods aren't woken by the others' then.</param>
    /// <exception cref="RevisionCompactedException">The history no longer reaches back that far (the API's 410 Gone).</exception>
    IStoreWatch Watch(ResourceName resource, string? @namespace, long afterRevision, FieldValue? only = null);
}

/// <summary>A value of a selectable field, such as spec.nodeName of pods; one of <see cref="ObjectHeader.Fields"/>.</summary>
/// <param name="Value">"" for objects that lack the field.</param>
public readonly record struct FieldValue(string Field, string Value);

/// <summary>An immutable view of all objects at one revision.</summary>
public interface IStoreSnapshot
{
    /// <summary>The revision of the last commit seen; the resourceVersion of lists.</summary>
    long Revision { get; }

    StoredObject? Get(ObjectKey key);

    /// <summary>Objects of one resource in key order, of one namespace if one is named, after <paramref name="afterKey"/> if given.</summary>
    IEnumerable<StoredObject> List(ResourceName resource, string? @namespace = null, ObjectKey? afterKey = null);

    /// <summary>How many objects of the resource there are, in one namespace if one is named.</summary>
    int Count(ResourceName resource, string? @namespace = null);

    /// <summary>All objects that name this uid among their owners: what the garbage collector asks.</summary>
    IEnumerable<StoredObject> ListOwnedBy(string ownerUid);
}

/// <summary>A watch: waits for changes and hands them out in batches.</summary>
public interface IStoreWatch : IDisposable
{
    /// <summary>Waits until there is at least one change, then returns all that have come, in revision order.</summary>
    /// <exception cref="RevisionCompactedException">The reader fell behind the bounded history.</exception>
    ValueTask<IReadOnlyList<StoreChange>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The store's revision up to which everything has been handed out: what a bookmark may say.</summary>
    long Position { get; }
}

/// <summary>One change of one object.</summary>
/// <param name="previous">Null for a creation.</param>
/// <param name="current">Null for a deletion.</param>
/// <param name="revision">The revision that this change has; for a deletion, the resourceVersion that the DELETED event carries.</param>
public sealed class StoreChange(long revision, StoredObject? previous, StoredObject? current)
{
    private StoredObject? _left;

    public long Revision { get; } = revision;
    public StoredObject? Previous { get; } = previous;
    public StoredObject? Current { get; } = current;
    public ObjectKey Key => (Current ?? Previous!).Key;

    /// <summary>The object as it was before, at this change's revision: what those are told whose selection it has left, or all if it is gone. Made once for all of them.</summary>
    /// <exception cref="InvalidOperationException">There was nothing before.</exception>
    public StoredObject Left => _left ??= (Previous ?? throw new InvalidOperationException($"{Key} is new.")).AtRevision(Revision);
}

/// <summary>The history no longer holds what was asked for; the client must list anew.</summary>
public sealed class RevisionCompactedException(long requested, long oldest)
    : Exception($"too old resource version: {requested} ({oldest})")
{
    public long Requested { get; } = requested;
    public long Oldest { get; } = oldest;
}

/// <summary>The store can't take writes now: its backend fails, or another writer took over.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
