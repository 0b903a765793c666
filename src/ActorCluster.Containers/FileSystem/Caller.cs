namespace ActorCluster.Containers.FileSystem;

/// <summary>Who asks for something in a file tree: a process, with the rights of its user.</summary>
/// <param name="ProcessId">For /proc/self; 0 if it is none of the container's processes.</param>
/// <param name="User">Null for the node, which may do everything.</param>
internal readonly record struct Caller(int ProcessId, ProcessUser? User)
{
    public const int Read = 4;
    public const int Write = 2;
    public const int Execute = 1;

    private const int StickyBit = 0b001_000_000_000;

    private bool MayEverything => User is null or { IsRoot: true };

    public static implicit operator Caller(int processId) => new(processId, null);

    /// <summary>What path_resolution(7) says of permissions: the owner's bits count for the owner only, the group's for its members only.</summary>
    /// <param name="bits">Of <see cref="Read"/>, <see cref="Write"/> and <see cref="Execute"/>; of a folder Execute is to look a name up.</param>
    public bool May(Inode inode, int bits)
    {
        if (MayEverything) return true;
        var granted = inode.UserId == User!.UserId ? inode.Permissions >> 6 : User.IsIn(inode.GroupId) ? inode.Permissions >> 3 : inode.Permissions;
        return (granted & bits) == bits;
    }

    /// <exception cref="FileFaultException">PermissionDenied.</exception>
    public void Demand(Inode inode, int bits, string path)
    {
        if (!May(inode, bits)) throw new FileFaultException(FileFault.PermissionDenied, path);
    }

    /// <summary>To change attributes one must own the file.</summary>
    /// <exception cref="FileFaultException">NotPermitted.</exception>
    public void DemandOwnership(Inode inode, string path)
    {
        if (!Owns(inode)) throw new FileFaultException(FileFault.NotPermitted, path);
    }

    /// <summary>To take a name from a folder: of a sticky one only one's own.</summary>
    /// <exception cref="FileFaultException">PermissionDenied, or NotPermitted by the sticky bit.</exception>
    public void DemandRemoval(DirectoryInode folder, Inode inode, string path)
    {
        Demand(folder, Write | Execute, path);
        if ((folder.Permissions & StickyBit) != 0 && !Owns(folder) && !Owns(inode)) throw new FileFaultException(FileFault.NotPermitted, path);
    }

    /// <summary>Only root gives files away; an owner may choose among the owner's groups.</summary>
    /// <exception cref="FileFaultException">NotPermitted.</exception>
    public void DemandGift(Inode inode, int userId, int groupId, string path)
    {
        if (!MayEverything && !(Owns(inode) && userId == inode.UserId && (groupId == inode.GroupId || User!.IsIn(groupId)))) throw new FileFaultException(FileFault.NotPermitted, path);
    }

    /// <summary>Makes the caller the owner of what it has just made; its group is the folder's where that has the setgid bit (inode(7)).</summary>
    public T Own<T>(DirectoryInode folder, T made) where T : Inode
    {
        (made.UserId, made.GroupId) = (User?.UserId ?? 0, User?.GroupId ?? 0);
        if ((folder.Permissions & Inode.SetGroupBit) == 0) return made;
        made.GroupId = folder.GroupId;
        if (made is DirectoryInode) made.Permissions |= Inode.SetGroupBit;
        return made;
    }

    private bool Owns(Inode inode) => MayEverything || inode.UserId == User!.UserId;
}
