namespace ActorCluster.Containers.FileSystem;

/// <summary>What fsGroup makes of a volume's files (k8s.io/kubernetes/pkg/volume/volume_linux.go).</summary>
/// <param name="ReadOnly">The group may read, not write.</param>
internal sealed record GroupOwnership(int GroupId, bool ReadOnly)
{
    private const int Readable = 0b100_100_000;
    private const int Writable = 0b110_110_000;
    private const int Folder = 0b010_001_001_000;

    /// <summary>Whether a folder is so already: its permissions may be more.</summary>
    public bool IsOf(Inode root) => root is DirectoryInode && root.GroupId == GroupId && (root.Permissions & Wanted(isFolder: true)) == Wanted(isFolder: true);

    private int Wanted(bool isFolder) => (ReadOnly ? Readable : Writable) | (isFolder ? Folder : 0);

    /// <exception cref="FileFaultException">What the tree's journal says.</exception>
    public void Apply(FileTree tree, Inode inode)
    {
        lock (tree.Gate) ApplyLocked(tree, inode);
    }

    private void ApplyLocked(FileTree tree, Inode inode)
    {
        var before = (inode.Permissions, inode.GroupId);
        inode.GroupId = GroupId;
        // A link's own permissions mean nothing.
        if (inode is not LinkInode) inode.Permissions |= Wanted(inode is DirectoryInode);
        try
        {
            if (before != (inode.Permissions, inode.GroupId)) tree.Journal?.Attributed(inode);
        }
        catch (FileFaultException)
        {
            (inode.Permissions, inode.GroupId) = before;
            throw;
        }
        if (inode is not DirectoryInode folder) return;
        foreach (var name in folder.Names(0).Order(StringComparer.Ordinal).ToList()) ApplyLocked(tree, folder.Find(name, 0)!);
    }
}
