namespace ActorCluster.Containers.FileSystem;

/// <summary>One tree's lock, clock and limit: a container's writable layer, or a volume.</summary>
/// <param name="limit">Bytes that its files may hold in all.</param>
internal sealed class FileTree(TimeProvider clock, long limit)
{
    /// <summary>A container's writable layer and an emptyDir without a sizeLimit: enough for what manifests do, too little to harm the host.</summary>
    public const long DefaultLimit = 256L << 20;

    private long _used;

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

    public DirectoryInode NewDirectory(int permissions) => new() { Permissions = permissions, Modified = Now };
}
