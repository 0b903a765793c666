using System.Collections.Immutable;
using ActorCluster.Api;

namespace ActorCluster.Contracts.Store;

/// <summary>One object at one revision: its JSON as it goes over the wire, and the few fields that selectors and controllers ask for.</summary>
/// <param name="Json">The whole object, UTF-8, with metadata.resourceVersion equal to <paramref name="Revision"/>.</param>
public sealed record StoredObject(ObjectKey Key, long Revision, ObjectHeader Header, ReadOnlyMemory<byte> Json)
{
    /// <summary>Set if only times are new since the revision before it.</summary>
    public Renewal? Renewal { get; init; }
}

/// <summary>What is parsed once, when the object is written, so that lists and watches needn't parse it again.</summary>
/// <param name="Fields">The selectable fields by path, e.g. "spec.nodeName"; metadata.name and metadata.namespace are implied by the key.</param>
public sealed record ObjectHeader(
    string Uid,
    TextMap Labels,
    TextMap Fields,
    ImmutableArray<string> OwnerUids,
    bool Deleting)
{
    public static readonly ObjectHeader Empty = new("", TextMap.Empty, TextMap.Empty, [], false);
}

/// <summary>
/// JSON that lacks only its revision, which the writer alone can know: the writer puts the decimal digits at
/// <paramref name="RevisionOffset"/> (between the quotes of metadata.resourceVersion).
/// </summary>
public readonly record struct UnversionedJson(ReadOnlyMemory<byte> Utf8, int RevisionOffset);

/// <summary>One write of a transaction.</summary>
/// <param name="Key">The object it concerns.</param>
/// <param name="ExpectedRevision">0: the object must not exist; a number: it must be at exactly that revision; null: no matter.</param>
public abstract record Mutation(ObjectKey Key, long? ExpectedRevision)
{
    /// <summary>Creates or replaces the object.</summary>
    public sealed record Put(ObjectKey Key, long? ExpectedRevision, ObjectHeader Header, UnversionedJson Json) : Mutation(Key, ExpectedRevision)
    {
        /// <summary>Set if the revision is expected at which the object differs from this one in times alone.</summary>
        public Renewal? Renewal { get; init; }
    }

    /// <summary>Removes the object. The object may be absent only if no revision is expected.</summary>
    public sealed record Delete(ObjectKey Key, long? ExpectedRevision) : Mutation(Key, ExpectedRevision);
}

/// <summary>The answer to a transaction: what was written (in the order of the mutations; a deletion gives the last state with the
/// deletion's revision), or the first precondition that failed.</summary>
public abstract record CommitResult
{
    public sealed record Committed(ImmutableArray<StoredObject> Objects) : CommitResult;

    /// <param name="Key">The object whose precondition failed.</param>
    /// <param name="ActualRevision">Its revision in the store; 0 if it does not exist.</param>
    public sealed record Conflict(ObjectKey Key, long ActualRevision) : CommitResult;
}
