namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>Keeps the records that tell what became of a volume, for whoever opens it next. This room itself reaches no real file. Not safe for concurrent use.</summary>
/// <exception cref="FileFaultException">Of its calls: NoSpace if nothing more may be kept, InputOutput if it fails otherwise.</exception>
public interface IVolumeJournal
{
    /// <summary>Somebody has kept something here before, or just now.</summary>
    bool IsThere { get; }

    /// <summary>Bytes, those of records that no longer matter among them.</summary>
    long Length { get; }

    /// <summary>To be called before anything else is done with it. Nobody else can have it open meanwhile.</summary>
    /// <param name="read">Given each record that is there, in order.</param>
    void Open(Action<ReadOnlyMemory<byte>> read);

    /// <param name="record">Is kept as a whole, or not at all.</param>
    void Append(ReadOnlySpan<byte> record);

    /// <summary>Replaces all records by others, at once: whoever opens it next finds the old ones or the new ones.</summary>
    /// <param name="write">Is given what appends a record.</param>
    void Rewrite(Action<Action<ReadOnlySpan<byte>>> write);

    void Close();
}
