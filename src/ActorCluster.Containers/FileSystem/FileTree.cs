namespace ActorCluster.Containers.FileSystem;

/// <summary>One tree's lock, clock and limit: a container's writable layer, or a volume.</summary>
/// <param name="limit">Bytes that its files may hold in all.</param>
internal sealed class FileTree(TimeProvider clock, long limit)
{
    /// <summary>A container's writable layer and an emptyDir without a sizeLimit: enough for what manifests do, too little to harm the host.</summary>
    public const long DefaultLimit = 256L << 20;

    /// <summary>Files, folders and links made in it: each costs the host memory, however short it is.</summary>
    private const int InodeLimit = 100_000;

    private long _used;
    private int _inodes;

    public Lock Gate { get; } = new();
    public DateTimeOffset Now => clock.GetUtcNow();
    public long Used => Interlocked.Read(ref _used);
    public long Limit => limit;

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

    public void RemoveInode() => Interlocked.Decrement(ref _inodes);

    public DirectoryInode NewDirectory(int permissions) => new() { Permissions = permissions, Modified = Now };
}
