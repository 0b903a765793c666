namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>The records that both a change and a whole tree are told by.</summary>
internal static class TreeRecords
{
    public static JournalRecordWriter Made(this JournalRecordWriter record, DirectoryInode parent, string name, Inode made, long number)
    {
        record.Begin(JournalRecordKind.Made).Number(parent.Number).Text(name).Number((long)made.Kind).Number(number);
        if (made is LinkInode link) record.Text(link.Target(0));
        return record.Attributes(made);
    }

    public static JournalRecordWriter Linked(this JournalRecordWriter record, DirectoryInode parent, string name, Inode inode) =>
        record.Begin(JournalRecordKind.Linked).Number(parent.Number).Text(name).Number(inode.Number);

    public static JournalRecordWriter Written(this JournalRecordWriter record, FileInode file, long position, ReadOnlySpan<byte> data, DateTimeOffset at) =>
        record.Begin(JournalRecordKind.Written).Number(file.Number).Number(position).Time(at).Bytes(data);

    public static JournalRecordWriter Attributed(this JournalRecordWriter record, Inode inode) => record.Begin(JournalRecordKind.Attributes).Number(inode.Number).Attributes(inode);

    private static JournalRecordWriter Attributes(this JournalRecordWriter record, Inode inode) =>
        record.Number(inode.Permissions).Number(inode.UserId).Number(inode.GroupId).Time(inode.Modified);
}
