namespace ActorCluster.Containers.FileSystem;

/// <summary>
/// A name space of trees: the root (an image's, copied on write, or a volume's own) and what is mounted in it. Reading needs nothing but
/// the shared image; the first write to a folder copies that folder's entries and those above it.
/// </summary>
internal sealed partial class MountedFileSystem : IFileSystem
{
    private readonly Mount _root;
    private readonly Dictionary<string, Mount> _mounts = new(StringComparer.Ordinal);
    private readonly PathWalk _walk;

    public MountedFileSystem(FileTree tree, DirectoryInode root)
    {
        _root = new Mount(tree, root, readOnly: false, depth: 0);
        _walk = new PathWalk(_root, _mounts);
    }

    public FileTree Tree => _root.Tree;

    /// <summary>Mounted trees by path; the root is not among them.</summary>
    public IReadOnlyDictionary<string, Mount> Mounts => _mounts;

    /// <summary>Mounts a folder or a file; to be called before the first process runs. The mount point is made if it is missing.</summary>
    public void AddMount(string path, FileTree tree, Inode root, bool readOnly, string? kind = null)
    {
        var at = Resolve(path, follow: true, 0, missingParents: true);
        if (at.Inode is null)
        {
            if (root is DirectoryInode) MakeDirectories(path);
            else MakeFile(path);
            at = Resolve(path, follow: true, 0);
        }
        _mounts[at.Path] = new Mount(tree, root, readOnly, at.Names.Count, kind);
    }

    private void MakeFile(string path)
    {
        MakeDirectories(path[..path.LastIndexOf('/')]);
        Open(path, FileOpen.Append).Dispose();
    }

    public void MakeDirectories(string path, int permissions = 0b111_101_101)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 1; i <= parts.Length; i++)
        {
            var part = "/" + string.Join('/', parts[..i]);
            if (!Exists(part)) CreateDirectory(part, permissions);
        }
    }

    /// <summary>What is there, without following a last link.</summary>
    public Inode? Find(string path, bool follow, Caller self) => Resolve(path, follow, self).Inode;

    public Location Resolve(string path, bool follow, Caller self, bool missingParents = false)
    {
        try
        {
            return _walk.Resolve(path, follow, self);
        }
        catch (FileFaultException fault) when (missingParents && fault.Fault == FileFault.NotFound)
        {
            return new([], _root, null);
        }
    }

    public FileStatus Stat(string path, bool followLinks = true) => Stat(path, followLinks, 0);
    public FileStatus Stat(string path, bool followLinks, Caller self) => Existing(path, followLinks, self).Inode!.Status;
    public bool Exists(string path) => Exists(path, 0);

    public bool Exists(string path, Caller self)
    {
        try
        {
            return Find(path, follow: true, self) is not null;
        }
        catch (FileFaultException)
        {
            return false;
        }
    }

    public IReadOnlyList<string> List(string directory) => List(directory, 0);

    public IReadOnlyList<string> List(string directory, Caller self)
    {
        var at = Existing(directory, follow: true, self);
        if (at.Inode is not DirectoryInode inode) throw new FileFaultException(FileFault.NotADirectory, directory);
        self.Demand(inode, Caller.Read, directory);
        if (inode.IsVirtual) return [.. inode.Names(self.ProcessId)];
        lock (at.Mount.Tree.Gate)
        {
            var names = inode.Names(self.ProcessId).ToArray();
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
    }

    public Stream Open(string path, FileOpen mode, int permissions = 0b110_100_100) => Open(path, mode, permissions, 0);

    public Stream Open(string path, FileOpen mode, int permissions, Caller self)
    {
        var at = Resolve(path, follow: true, self);
        switch (at.Inode)
        {
            case null when mode == FileOpen.Read: throw new FileFaultException(FileFault.NotFound, path);
            case null when path.EndsWith('/'): throw new FileFaultException(FileFault.IsADirectory, path);
            case DirectoryInode: throw new FileFaultException(FileFault.IsADirectory, path);
            case DeviceInode device: return device.Open(mode);
            case FileInode file when mode == FileOpen.Read:
                self.Demand(file, Caller.Read, path);
                return new FileContentStream(file, mode);
        }
        var opened = Change(at, path, directory =>
        {
            if (directory.Find(at.Name, 0) is FileInode present)
            {
                self.Demand(present, mode == FileOpen.ReadWrite ? Caller.Read | Caller.Write : Caller.Write, path);
                return Writable(at, directory, present);
            }
            self.Demand(directory, Caller.Write | Caller.Execute, path);
            var created = self.Own(directory, new FileInode(at.Mount.Tree) { Permissions = permissions & 0xfff, Modified = at.Mount.Tree.Now });
            at.Mount.Tree.Enter(directory, at.Name, created);
            return created;
        });
        if (mode == FileOpen.Write) opened.SetLength(0);
        return new FileContentStream(opened, mode);
    }

    public string ReadLink(string path) => ReadLink(path, 0);

    public string ReadLink(string path, Caller self) =>
        Existing(path, follow: false, self).Inode is LinkInode link ? link.Target(self.ProcessId) : throw new FileFaultException(FileFault.Invalid, path);

    public string FileSystemOf(string path) => FileSystemOf(path, 0);
    public string FileSystemOf(string path, Caller self) => Existing(path, follow: true, self).Mount.Kind;

    private Location Existing(string path, bool follow, Caller self)
    {
        var at = Resolve(path, follow, self);
        return at.Inode is not null ? at : throw new FileFaultException(FileFault.NotFound, path);
    }
}
