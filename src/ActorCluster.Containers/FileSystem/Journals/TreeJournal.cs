namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>
/// Keeps a tree for those who open it next: each change is appended to its journal before it is made, and the journal is written anew when most of it is about what is
/// no more. Every call is made under the tree's lock.
/// </summary>
/// <exception cref="FileFaultException">Of every call, as <see cref="IVolumeJournal"/> says; nothing has changed then.</exception>
internal sealed class TreeJournal
{
    /// <summary>A longer write is several records, as several writes could be cut short between them.</summary>
    private const int LongestWrite = 1 << 20;

    /// <summary>So much garbage is not worth the work.</summary>
    private const long Slack = 1 << 20;

    /// <summary>What a name costs beside its file's bytes, about.</summary>
    private const long InodeCost = 128;

    private readonly FileTree _tree;
    private readonly DirectoryInode _root;
    private readonly IVolumeJournal _file;
    private readonly JournalRecordWriter _record = new();
    private long _next;

    /// <summary>The length at which it is looked whether to write it anew.</summary>
    private long _enough = Slack;
    private bool _closed;

    private TreeJournal(FileTree tree, DirectoryInode root, IVolumeJournal file, long next) => (_tree, _root, _file, _next) = (tree, root, file, next);

    /// <summary>Opens the journal, and makes what it tells of in the tree.</summary>
    public static TreeJournal Open(IVolumeJournal file, FileTree tree, DirectoryInode root)
    {
        var replay = new TreeReplay(tree);
        replay.Begin(root);
        file.Open(replay.Apply);
        replay.Count();
        return new TreeJournal(tree, root, file, replay.NextNumber);
    }

    /// <summary>What is changed from now on fails.</summary>
    public void Close()
    {
        _closed = true;
        _file.Close();
    }

    /// <summary>Gives a new file, folder or link its number.</summary>
    public void Made(DirectoryInode parent, string name, Inode made)
    {
        var number = _next;
        Append(_record.Made(parent, name, made, number));
        made.Number = number;
        _next++;
    }

    public void Linked(DirectoryInode parent, string name, Inode inode) => Append(_record.Linked(parent, name, inode));

    public void Removed(DirectoryInode parent, string name, DateTimeOffset at) => Append(_record.Begin(JournalRecordKind.Removed).Number(parent.Number).Text(name).Time(at));

    public void Renamed(DirectoryInode from, string fromName, DirectoryInode to, string toName, DateTimeOffset at) =>
        Append(_record.Begin(JournalRecordKind.Renamed).Number(from.Number).Text(fromName).Number(to.Number).Text(toName).Time(at));

    /// <param name="inode">With the attributes that it is to have.</param>
    public void Attributed(Inode inode) => Append(_record.Attributed(inode));

    public void Written(FileInode file, long position, ReadOnlySpan<byte> data, DateTimeOffset at)
    {
        for (; data.Length > LongestWrite; position += LongestWrite, data = data[LongestWrite..]) Append(_record.Written(file, position, data[..LongestWrite], at));
        Append(_record.Written(file, position, data, at));
    }

    public void Resized(FileInode file, long length, DateTimeOffset at) => Append(_record.Begin(JournalRecordKind.Resized).Number(file.Number).Number(length).Time(at));

    private void Append(JournalRecordWriter record)
    {
        if (_closed) throw new FileFaultException(FileFault.InputOutput, "");
        // Before the change that is about to be made, so that the tree is as the journal says.
        if (_file.Length > _enough) WriteAnew();
        _file.Append(record.Record);
    }

    private void WriteAnew()
    {
        var worth = (2 * (_tree.Used + (_tree.Inodes * InodeCost))) + Slack;
        if (_file.Length > worth) _file.Rewrite(append => new TreeSnapshot(append).Write(_root));
        _enough = Math.Max(worth, _file.Length + Slack);
    }
}
