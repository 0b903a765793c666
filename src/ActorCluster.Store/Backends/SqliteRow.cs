namespace ActorCluster.Store.Backends;

/// <summary>A row as it is in the file, so that whoever asked for it does the rest and the file's thread can read on. Its texts and its header lie in its page, one after the other.</summary>
/// <param name="Start">Where in the page they begin; the lengths that follow are in bytes.</param>
/// <param name="Json">Null for a deletion, which has no header either.</param>
internal readonly record struct SqliteRow(long Revision, long PreviousRevision, int Start, int Resource, int Namespace, int Name, int Header, byte[]? Json);
