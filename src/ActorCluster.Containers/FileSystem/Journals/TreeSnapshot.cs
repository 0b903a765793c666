namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>Tells a tree as it is: the fewest records that make it.</summary>
/// <param name="append">Takes each record.</param>
internal sealed class TreeSnapshot(Action<ReadOnlySpan<byte>> append)
{
    private const int ChunkLength = 1 << 20;

    private readonly HashSet<long> _told = [];
    private readonly JournalRecordWriter _record = new();

    public void Write(DirectoryInode root)
    {
        WriteEntries(root);
        append(_record.Attributed(root).Record);
    }

    private void WriteEntries(DirectoryInode folder)
    {
        foreach (var name in folder.Names(0).Order(StringComparer.Ordinal))
        {
            var inode = folder.Find(name, 0)!;
            if (!_told.Add(inode.Number))
            {
                append(_record.Linked(folder, name, inode).Record);
                continue;
            }
            append(_record.Made(folder, name, inode, inode.Number).Record);
            if (inode is FileInode file) WriteBytes(file);
            if (inode is not DirectoryInode below) continue;
            WriteEntries(below);
            // What was made in it has touched its time.
            append(_record.Attributed(below).Record);
        }
    }

    private void WriteBytes(FileInode file)
    {
        var bytes = file.ReadAll().Span;
        for (var at = 0; at < bytes.Length; at += ChunkLength)
            append(_record.Written(file, at, bytes[at..Math.Min(bytes.Length, at + ChunkLength)], file.Modified).Record);
    }
}
