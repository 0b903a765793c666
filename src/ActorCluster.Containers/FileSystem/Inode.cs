namespace ActorCluster.Containers.FileSystem;

/// <summary>One object of a file tree. Directory entries are guarded by their tree's lock, a file's bytes by the file's own.</summary>
internal abstract class Inode
{
    /// <summary>Permissions' set-user-ID bit.</summary>
    public const int SetUserBit = 0b100_000_000_000;

    public const int SetGroupBit = 0b010_000_000_000;

    public abstract FileKind Kind { get; }
    public virtual long Length => 0;

    /// <summary>Part of an image, shared by all its containers: copied before the first change.</summary>
    public bool Frozen { get; set; }

    /// <summary>In its tree's journal; 0 where there is none.</summary>
    public long Number { get; set; }

    public int Permissions { get; set; }
    public DateTimeOffset Modified { get; set; }
    public int UserId { get; set; }
    public int GroupId { get; set; }

    public virtual int LinkCount => 1;

    public FileStatus Status => new(Kind, Length, Permissions, UserId, GroupId, Modified) { Links = LinkCount };

    /// <summary>A copy that may be changed, in the tree that will hold it.</summary>
    public abstract Inode CopyUp(FileTree tree);

    protected T WithAttributesOf<T>(T copy) where T : Inode
    {
        copy.Permissions = Permissions;
        copy.Modified = Modified;
        (copy.UserId, copy.GroupId) = (UserId, GroupId);
        return copy;
    }
}

/// <param name="target">Computed by the calling process for /proc/self; constant otherwise.</param>
internal sealed class LinkInode(Func<int, string> target) : Inode
{
    public LinkInode(string target) : this(_ => target) => Permissions = 0b111_111_111;

    public override FileKind Kind => FileKind.SymbolicLink;
    public override long Length => Target(0).Length;

    /// <param name="self">The process that asks; 0 if it is none of the container's.</param>
    public string Target(int self) => target(self);

    public override Inode CopyUp(FileTree tree) => WithAttributesOf(new LinkInode(target));
}

internal class DirectoryInode : Inode
{
    private Dictionary<string, Inode>? _entries;

    public override FileKind Kind => FileKind.Directory;
    public override long Length => 4096;
    public override int LinkCount => 2;

    /// <summary>Set when it was removed: nothing may be created in it any more.</summary>
    public bool Removed { get; set; }

    public virtual Inode? Find(string name, int self) => _entries?.GetValueOrDefault(name);
    public virtual IEnumerable<string> Names(int self) => _entries?.Keys ?? Enumerable.Empty<string>();
    public virtual bool IsVirtual => false;
    public bool IsEmpty => _entries is null or { Count: 0 };

    public void Set(string name, Inode inode) => (_entries ??= new(StringComparer.Ordinal))[name] = inode;
    public void Unset(string name) => _entries?.Remove(name);

    public override Inode CopyUp(FileTree tree)
    {
        var copy = WithAttributesOf(new DirectoryInode());
        if (_entries is not null) copy._entries = new(_entries, StringComparer.Ordinal);
        return copy;
    }
}

/// <summary>A file whose bytes are made when it is opened, or a device.</summary>
/// <param name="open">Makes the stream that reads and writes it.</param>
internal sealed class DeviceInode(FileKind kind, Func<FileOpen, Stream> open, Func<long>? length = null) : Inode
{
    public override FileKind Kind => kind;
    public override long Length => length?.Invoke() ?? 0;
    public Stream Open(FileOpen mode) => open(mode);
    public override Inode CopyUp(FileTree tree) => WithAttributesOf(new DeviceInode(kind, open, length));
}
