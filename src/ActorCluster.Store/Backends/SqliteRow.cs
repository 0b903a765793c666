using ActorCluster.Api;

namespace ActorCluster.Store.Backends;

/// <summary>A row as it is in the file, so that whoever asked for it does the rest and the file's thread can read on.</summary>
/// <param name="Header">Null for a deletion, as is <paramref name="Json"/>.</param>
internal readonly record struct SqliteRow(long Revision, long PreviousRevision, ObjectKey Key, byte[]? Header, byte[]? Json);
