namespace ActorCluster.Containers.FileSystem;

/// <summary>A tree, or a part of one, at a place of a container's name space.</summary>
/// <param name="depth">How many names its mount point has.</param>
/// <param name="kind">What /proc/mounts calls it, where that isn't what its tree is: of what is made up.</param>
internal sealed class Mount(FileTree tree, Inode root, bool readOnly, int depth, string? kind = null)
{
    public string Kind => kind ?? Tree.Kind;

    /// <summary>What it is mounted from, as /proc/mounts and df have it.</summary>
    public string Device => Kind switch
    {
        FileTree.Disk => "/dev/vda1",
        FileTree.ControlGroup => "cgroup",
        _ => Kind,
    };

    public FileTree Tree { get; } = tree;

    /// <summary>Replaced by a copy of its own when a container first writes to its image's root; constant for volumes.</summary>
    public Inode Root { get; set; } = root;

    public bool ReadOnly { get; set; } = readOnly;

    /// <summary>Made up, as /proc is: it takes no space.</summary>
    public bool IsVirtual => Root is DirectoryInode { IsVirtual: true };

    public int Depth { get; } = depth;
}

/// <summary>Where a path leads: canonical names, the mount they end in, and what is there (null: nothing yet, though its folder exists).</summary>
internal readonly record struct Location(List<string> Names, Mount Mount, Inode? Inode)
{
    public bool IsMountPoint => Names.Count == Mount.Depth;
    public string Name => Names.Count == 0 ? "/" : Names[^1];
    public string Path => "/" + string.Join('/', Names);
}

/// <summary>Resolves paths as Linux's path_resolution(7) says: links, "..", mounts, never above the root.</summary>
internal sealed class PathWalk(Mount root, IReadOnlyDictionary<string, Mount>? mounts)
{
    private const int LinkLimit = 40;
    private const int NameLimit = 255;
    private const int PathLimit = 4096;

    /// <param name="self">The process that asks, for /proc/self and for its rights.</param>
    /// <exception cref="FileFaultException">PermissionDenied: it may not look names up in a folder on the way, among others.</exception>
    public Location Resolve(string path, bool followLast, Caller self)
    {
        if (path.Length > PathLimit) throw new FileFaultException(FileFault.NameTooLong, path);
        if (path.Length == 0) throw new FileFaultException(FileFault.NotFound, path);
        var pending = new Stack<string>();
        Push(pending, path);
        var names = new List<string>();
        var entries = new List<(Mount Mount, Inode Inode)> { (root, root.Root) };
        var links = 0;
        while (pending.TryPop(out var name))
        {
            var (mount, inode) = entries[^1];
            if (inode is not DirectoryInode directory) throw new FileFaultException(FileFault.NotADirectory, path);
            if (name.Length == 0 || name == ".") continue;
            self.Demand(directory, Caller.Execute, path);
            if (name == "..")
            {
                if (names.Count == 0) continue;
                names.RemoveAt(names.Count - 1);
                entries.RemoveAt(entries.Count - 1);
                continue;
            }
            if (name.Length > NameLimit) throw new FileFaultException(FileFault.NameTooLong, path);
            if (name.Contains('\0', StringComparison.Ordinal)) throw new FileFaultException(FileFault.Invalid, path);

            names.Add(name);
            var (childMount, child) = Step(mount, directory, names, self);
            if (child is null)
            {
                if (pending.All(rest => rest.Length == 0)) return new(names, mount, null);
                throw new FileFaultException(FileFault.NotFound, path);
            }
            if (child is LinkInode link && (followLast || pending.Count > 0))
            {
                if (++links > LinkLimit) throw new FileFaultException(FileFault.TooManyLinks, path);
                var target = link.Target(self.ProcessId);
                names.RemoveAt(names.Count - 1);
                if (target.StartsWith('/'))
                {
                    names.Clear();
                    entries.RemoveRange(1, entries.Count - 1);
                }
                Push(pending, target);
                continue;
            }
            entries.Add((childMount, child));
        }
        return new(names, entries[^1].Mount, entries[^1].Inode);
    }

    private (Mount, Inode?) Step(Mount mount, DirectoryInode directory, List<string> names, Caller self)
    {
        if (mounts is not null && mounts.TryGetValue("/" + string.Join('/', names), out var mounted)) return (mounted, mounted.Root);
        if (directory.IsVirtual) return (mount, directory.Find(names[^1], self.ProcessId));
        lock (mount.Tree.Gate) return (mount, directory.Find(names[^1], self.ProcessId));
    }

    private static void Push(Stack<string> pending, string path)
    {
        var parts = path.Split('/');
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            // A trailing slash asks for a directory; other empty parts mean nothing.
            if (parts[i].Length > 0 || (i == parts.Length - 1 && i > 0)) pending.Push(parts[i]);
        }
    }
}
