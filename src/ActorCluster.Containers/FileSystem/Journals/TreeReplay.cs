namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>Makes a tree of a journal's records. What they say of files that have no name any more, and that nobody can have open now, is passed over.</summary>
internal sealed class TreeReplay(FileTree tree)
{
    private readonly Dictionary<long, Inode> _inodes = [];

    /// <summary>Higher than all numbers that were ever used.</summary>
    public long NextNumber { get; private set; } = FileTree.RootNumber + 1;

    /// <param name="root">As it is when the journal says nothing of it.</param>
    public void Begin(DirectoryInode root) => _inodes[root.Number = FileTree.RootNumber] = root;

    /// <exception cref="InvalidDataException">It is none that this version knows.</exception>
    public void Apply(ReadOnlyMemory<byte> record)
    {
        var reader = new JournalRecordReader(record);
        switch (reader.Kind())
        {
            case JournalRecordKind.Made: Make(reader); break;
            case JournalRecordKind.Linked: Link(reader); break;
            case JournalRecordKind.Removed: Remove(reader); break;
            case JournalRecordKind.Renamed: Rename(reader); break;
            case JournalRecordKind.Attributes: SetAttributes(reader); break;
            case JournalRecordKind.Written: Write(reader); break;
            case JournalRecordKind.Resized: Resize(reader); break;
            case var kind: throw new InvalidDataException($"A volume's journal has a record of an unknown kind, {kind}.");
        }
    }

    /// <summary>Counts what the tree holds, as if it had just been made.</summary>
    public void Count()
    {
        foreach (var inode in Named())
        {
            tree.CountInode();
            if (inode is FileInode file) tree.CountBytes(file.Length);
        }
    }

    private HashSet<Inode> Named()
    {
        var named = new HashSet<Inode>(ReferenceEqualityComparer.Instance);
        var folders = new Stack<DirectoryInode>([(DirectoryInode)_inodes[FileTree.RootNumber]]);
        while (folders.TryPop(out var folder))
        {
            foreach (var name in folder.Names(0))
            {
                var inode = folder.Find(name, 0)!;
                if (named.Add(inode) && inode is DirectoryInode next) folders.Push(next);
            }
        }
        return named;
    }

    private void Make(JournalRecordReader reader)
    {
        var (parent, name, kind, number) = (Folder(reader), reader.Text(), (FileKind)reader.SmallNumber(), Used(reader));
        Inode made = kind switch
        {
            FileKind.Regular => new FileInode(tree),
            FileKind.Directory => new DirectoryInode(),
            FileKind.SymbolicLink => new LinkInode(reader.Text()),
            _ => throw new InvalidDataException($"A volume's journal has a {kind}."),
        };
        made.Number = number;
        ReadAttributes(reader, made);
        _inodes[number] = made;
        if (parent is null) return;
        parent.Set(name, made);
        parent.Modified = made.Modified;
    }

    private void Link(JournalRecordReader reader)
    {
        var (parent, name, number) = (Folder(reader), reader.Text(), Used(reader));
        if (parent is null || !_inodes.TryGetValue(number, out var inode)) return;
        if (inode is FileInode file) file.Links++;
        parent.Set(name, inode);
    }

    private void Remove(JournalRecordReader reader)
    {
        var (parent, name, modified) = (Folder(reader), reader.Text(), reader.Time());
        if (parent is null) return;
        Drop(parent, name);
        parent.Modified = modified;
    }

    private void Rename(JournalRecordReader reader)
    {
        var (from, fromName, to, toName, modified) = (Folder(reader), reader.Text(), Folder(reader), reader.Text(), reader.Time());
        if (from?.Find(fromName, 0) is not { } moved || to is null) return;
        Drop(to, toName);
        to.Set(toName, moved);
        from.Unset(fromName);
        from.Modified = to.Modified = modified;
    }

    private void SetAttributes(JournalRecordReader reader)
    {
        if (_inodes.TryGetValue(Used(reader), out var inode)) ReadAttributes(reader, inode);
    }

    private void Write(JournalRecordReader reader)
    {
        var (number, position, modified) = (Used(reader), reader.Number(), reader.Time());
        if (!_inodes.TryGetValue(number, out var inode) || inode is not FileInode file) return;
        file.Restore(position, reader.Rest());
        file.Modified = modified;
    }

    private void Resize(JournalRecordReader reader)
    {
        var (number, length, modified) = (Used(reader), reader.Number(), reader.Time());
        if (!_inodes.TryGetValue(number, out var inode) || inode is not FileInode file) return;
        file.RestoreLength(length);
        file.Modified = modified;
    }

    private static void Drop(DirectoryInode folder, string name)
    {
        if (folder.Find(name, 0) is FileInode file) file.Links--;
        folder.Unset(name);
    }

    private DirectoryInode? Folder(JournalRecordReader reader) => _inodes.GetValueOrDefault(Used(reader)) as DirectoryInode;

    private long Used(JournalRecordReader reader)
    {
        var number = reader.Number();
        NextNumber = Math.Max(NextNumber, number + 1);
        return number;
    }

    private static void ReadAttributes(JournalRecordReader reader, Inode inode)
    {
        inode.Permissions = reader.SmallNumber();
        (inode.UserId, inode.GroupId) = (reader.SmallNumber(), reader.SmallNumber());
        inode.Modified = reader.Time();
    }
}
