namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>What a record tells of.</summary>
internal enum JournalRecordKind : byte
{
    /// <summary>A new file, folder or symbolic link, at a place.</summary>
    Made = 1,

    /// <summary>A further name of one that is there.</summary>
    Linked = 2,
    Removed = 3,
    Renamed = 4,
    Attributes = 5,
    Written = 6,
    Resized = 7,
}
