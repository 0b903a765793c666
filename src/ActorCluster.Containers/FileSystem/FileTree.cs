using ActorCluster.Containers.FileSystem.Journals;

namespace ActorCluster.Containers.FileSystem;

/// <summary>One tree's lock, clock and limit: a container's writable layer, or a volume.</summary>
/// <param name="limit">Bytes that its files may hold in all.</param>
/// <param name="kind">What /proc/mounts calls it.</param>
internal sealed class FileTree(TimeProvider clock, long limit, string kind)
{
    /// <summary>A container's own files, above its image's.</summary>
    public const string Overlay = "overlay";

    /// <summary>A folder of a node's disk.</summary>
    public const string Disk = "ext4";

    public const string Memory = "tmpfs";

    public const string Processes = "proc";

    public const string ControlGroup = "cgroup2";

    /// <summary>A container's writable layer and an emptyDir without a sizeLimit: enough for what manifests do, too little to harm the host.</summary>
    public const long DefaultLimit = 256L << 20;

    /// <summary>Files, folders and links made in it: each costs the host memory, however short it is.</summary>
    private const int InodeLimit = 100_000;

    /// <summary>The number of a journaled tree's root.</summary>
    public const long RootNumber = 1;

    private long _used;
    private int _inodes;

    /// <summary>Held by whoever changes the tree, before any file's own lock.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Where changes are kept on the real disk; null: nowhere.</summary>
    public TreeJournal? Journal { get; set; }

    public DateTimeOffset Now => clock.GetUtcNow();
    public long Used => Interlocked.Read(ref _used);
    public int Inodes => Volatile.Read(ref _inodes);
    public long Limit => limit;
    public string Kind => kind;

    /// <exception cref="FileFaultException">NoSpace.</exception>
    public void Charge(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit || bytes <= 0) return;
        Interlocked.Add(ref _used, -bytes);
        throw new FileFaultException(FileFault.NoSpace, "");
    }

    /// <summary>Counts a new file, folder or link.</summary>
    /// <exception cref="FileFaultException">NoSpace.</exception>
    public void AddInode()
    {
        if (Interlocked.Increment(ref _inodes) <= InodeLimit) return;
        Interlocked.Decrement(ref _inodes);
        throw new FileFaultException(FileFault.NoSpace, "");
    }

    /// <summary>Counts one that was there before; it may be one too many.</summary>
    public void CountInode() => Interlocked.Increment(ref _inodes);

    /// <summary>Counts bytes that were there before; they may be too many.</summary>
    public void CountBytes(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>Puts a new file, folder or link to its place. Under the tree's lock.</summary>
    /// <exception cref="FileFaultException">NoSpace, or what the journal says.</exception>
    public void Enter(DirectoryInode folder, string name, Inode made)
    {
        AddInode();
        try
        {
            Journal?.Made(folder, name, made);
        }
        catch (FileFaultException)
        {
            RemoveInode();
            throw;
        }
        folder.Set(name, made);
        folder.Modified = Now;
    }

    public void RemoveInode() => Interlocked.Decrement(ref _inodes);

    public DirectoryInode NewDirectory(int permissions) => new() { Permissions = permissions, Modified = Now };
}
