namespace ActorCluster.Containers.FileSystem;

// What changes names and attributes, and how a change gets copies of what is shared with the image.
internal sealed partial class MountedFileSystem
{
    public void CreateDirectory(string path, int permissions = 0b111_101_101) => CreateDirectory(path, permissions, 0);

    public void CreateDirectory(string path, int permissions, Caller self) =>
        Create(path.Length > 1 ? path.TrimEnd('/') : path, self, tree => tree.NewDirectory(permissions & 0xfff));

    public void CreateSymbolicLink(string path, string target) => CreateSymbolicLink(path, target, 0);

    public void CreateSymbolicLink(string path, string target, Caller self) =>
        Create(path, self, tree => new LinkInode(target.Length > 0 ? target : throw new FileFaultException(FileFault.NotFound, target)) { Modified = tree.Now });

    public void CreateLink(string existing, string path) => CreateLink(existing, path, 0);

    public void CreateLink(string existing, string path, Caller self)
    {
        var from = Existing(existing, follow: false, self);
        var to = Resolve(path, follow: false, self);
        if (from.Inode is DirectoryInode) throw new FileFaultException(FileFault.NotPermitted, existing);
        if (to.Inode is not null) throw new FileFaultException(FileFault.Exists, path);
        if (from.Mount != to.Mount) throw new FileFaultException(FileFault.CrossDevice, path);
        Change(from, existing, fromDirectory => Change(to, path, toDirectory =>
        {
            var inode = fromDirectory.Find(from.Name, 0) ?? throw new FileFaultException(FileFault.NotFound, existing);
            self.Demand(toDirectory, Caller.Write | Caller.Execute, path);
            if (inode is FileInode file)
            {
                inode = file = Writable(from, fromDirectory, file);
                to.Mount.Tree.Journal?.Linked(toDirectory, to.Name, inode);
                file.Links++;
            }
            else
            {
                to.Mount.Tree.Journal?.Linked(toDirectory, to.Name, inode);
            }
            toDirectory.Set(to.Name, inode);
            return 0;
        }));
    }

    public void Remove(string path) => Remove(path, 0);

    public void Remove(string path, Caller self)
    {
        var at = Existing(path.Length > 1 ? path.TrimEnd('/') : path, follow: false, self);
        if (at.IsMountPoint) throw new FileFaultException(FileFault.Busy, path);
        Change(at, path, directory =>
        {
            var (removed, now) = (directory.Find(at.Name, 0), at.Mount.Tree.Now);
            if (removed is not null) self.DemandRemoval(directory, removed, path);
            switch (removed)
            {
                case null: throw new FileFaultException(FileFault.NotFound, path);
                case DirectoryInode { IsEmpty: false }: throw new FileFaultException(FileFault.NotEmpty, path);
                case DirectoryInode when HasMountBelow(at): throw new FileFaultException(FileFault.Busy, path);
            }
            at.Mount.Tree.Journal?.Removed(directory, at.Name, now);
            switch (removed)
            {
                case DirectoryInode { Frozen: false } folder:
                    folder.Removed = true;
                    at.Mount.Tree.RemoveInode();
                    break;
                case FileInode { Frozen: false } file: Release(at.Mount.Tree, file); break;
                case LinkInode { Frozen: false }: at.Mount.Tree.RemoveInode(); break;
            }
            directory.Unset(at.Name);
            directory.Modified = now;
            return 0;
        });
    }

    public void Rename(string from, string to) => Rename(from, to, 0);

    public void Rename(string from, string to, Caller self)
    {
        var source = Existing(from.Length > 1 ? from.TrimEnd('/') : from, follow: false, self);
        var target = Resolve(to.Length > 1 ? to.TrimEnd('/') : to, follow: false, self);
        if (source.IsMountPoint || (target.Inode is not null && target.IsMountPoint) || HasMountBelow(source)) throw new FileFaultException(FileFault.Busy, from);
        if (source.Mount.Tree != target.Mount.Tree || source.Mount != target.Mount) throw new FileFaultException(FileFault.CrossDevice, to);
        if (target.Names.Count > source.Names.Count && target.Names.Take(source.Names.Count).SequenceEqual(source.Names))
            throw new FileFaultException(FileFault.Invalid, to);
        Change(source, from, sourceDirectory => Change(target, to, targetDirectory =>
        {
            var moved = sourceDirectory.Find(source.Name, 0) ?? throw new FileFaultException(FileFault.NotFound, from);
            var replaced = targetDirectory.Find(target.Name, 0);
            if (ReferenceEquals(moved, replaced)) return 0;
            self.DemandRemoval(sourceDirectory, moved, from);
            if (replaced is null) self.Demand(targetDirectory, Caller.Write | Caller.Execute, to);
            else self.DemandRemoval(targetDirectory, replaced, to);
            switch (replaced)
            {
                case DirectoryInode when moved is not DirectoryInode: throw new FileFaultException(FileFault.IsADirectory, to);
                case DirectoryInode { IsEmpty: false }: throw new FileFaultException(FileFault.NotEmpty, to);
                case not null and not DirectoryInode when moved is DirectoryInode: throw new FileFaultException(FileFault.NotADirectory, to);
            }
            var now = source.Mount.Tree.Now;
            source.Mount.Tree.Journal?.Renamed(sourceDirectory, source.Name, targetDirectory, target.Name, now);
            switch (replaced)
            {
                case DirectoryInode { Frozen: false } empty:
                    empty.Removed = true;
                    target.Mount.Tree.RemoveInode();
                    break;
                case FileInode { Frozen: false } file: Release(target.Mount.Tree, file); break;
                case LinkInode { Frozen: false }: target.Mount.Tree.RemoveInode(); break;
            }
            targetDirectory.Set(target.Name, moved);
            sourceDirectory.Unset(source.Name);
            sourceDirectory.Modified = targetDirectory.Modified = now;
            return 0;
        }));
    }

    public void SetPermissions(string path, int permissions) => SetPermissions(path, permissions, 0);
    public void SetModified(string path, DateTimeOffset modified) => SetModified(path, modified, 0);
    public void SetOwner(string path, int userId, int groupId) => SetOwner(path, userId, groupId, 0);

    public void SetPermissions(string path, int permissions, Caller self) => ChangeAttributes(path, self, inode =>
    {
        self.DemandOwnership(inode, path);
        inode.Permissions = permissions & 0xfff;
    });

    public void SetModified(string path, DateTimeOffset modified, Caller self) => ChangeAttributes(path, self, inode =>
    {
        if (!self.May(inode, Caller.Write)) self.DemandOwnership(inode, path);
        inode.Modified = modified;
    });

    public void SetOwner(string path, int userId, int groupId, Caller self) => ChangeAttributes(path, self, inode =>
    {
        self.DemandGift(inode, userId, groupId, path);
        (inode.UserId, inode.GroupId) = (userId, groupId);
        // A program that runs as its owner mustn't become another one's by this (chown(2)).
        if (inode is FileInode) inode.Permissions &= ~(Inode.SetUserBit | ((inode.Permissions & 0b001_000) != 0 ? Inode.SetGroupBit : 0));
    });

    /// <summary>Nothing but what is mounted in it can be changed from now on.</summary>
    public void Freeze() => _root.ReadOnly = true;

    private void ChangeAttributes(string path, Caller self, Action<Inode> change)
    {
        var at = Existing(path, follow: true, self);
        if (at.Inode is DeviceInode or DirectoryInode { IsVirtual: true }) throw new FileFaultException(FileFault.NotPermitted, path);
        if (at.IsMountPoint && !at.Inode!.Frozen)
        {
            if (at.Mount.ReadOnly) throw new FileFaultException(FileFault.ReadOnly, path);
            lock (at.Mount.Tree.Gate) ChangeAttributes(at.Mount.Tree, at.Inode, change);
            return;
        }
        if (at.IsMountPoint)
        {
            lock (at.Mount.Tree.Gate) change(WritableRoot(at.Mount));
            return;
        }
        Change(at, path, directory =>
        {
            var inode = directory.Find(at.Name, 0) ?? throw new FileFaultException(FileFault.NotFound, path);
            if (inode.Frozen) directory.Set(at.Name, inode = inode.CopyUp(at.Mount.Tree));
            ChangeAttributes(at.Mount.Tree, inode, change);
            return 0;
        });
    }

    private static void ChangeAttributes(FileTree tree, Inode inode, Action<Inode> change)
    {
        var before = (inode.Permissions, inode.UserId, inode.GroupId, inode.Modified);
        change(inode);
        try
        {
            tree.Journal?.Attributed(inode);
        }
        catch (FileFaultException)
        {
            (inode.Permissions, inode.UserId, inode.GroupId, inode.Modified) = before;
            throw;
        }
    }

    private void Create(string path, Caller self, Func<FileTree, Inode> make)
    {
        var at = Resolve(path, follow: false, self);
        if (at.Inode is not null) throw new FileFaultException(FileFault.Exists, path);
        Change(at, path, directory =>
        {
            if (directory.Find(at.Name, 0) is not null) throw new FileFaultException(FileFault.Exists, path);
            self.Demand(directory, Caller.Write | Caller.Execute, path);
            at.Mount.Tree.Enter(directory, at.Name, self.Own(directory, make(at.Mount.Tree)));
            return 0;
        });
    }

    /// <summary>Runs a change of the folder that holds <paramref name="at"/>, under its tree's lock, after copying what is shared with the image.</summary>
    private static T Change<T>(Location at, string path, Func<DirectoryInode, T> change)
    {
        if (at.Mount.ReadOnly) throw new FileFaultException(FileFault.ReadOnly, path);
        if (at.IsMountPoint)
        {
            // A file mounted by itself (a subPath): it can be written, not replaced.
            if (at.Inode is not FileInode file) throw new FileFaultException(FileFault.Busy, path);
            var holder = new DirectoryInode();
            holder.Set(at.Name, file);
            return change(holder);
        }
        lock (at.Mount.Tree.Gate)
        {
            var directory = WritableRoot(at.Mount) as DirectoryInode ?? throw new FileFaultException(FileFault.NotADirectory, path);
            for (var i = at.Mount.Depth; i < at.Names.Count - 1; i++)
            {
                if (directory.IsVirtual) break;
                if (directory.Find(at.Names[i], 0) is not DirectoryInode next) throw new FileFaultException(FileFault.NotFound, path);
                if (next.Frozen) directory.Set(at.Names[i], next = (DirectoryInode)next.CopyUp(at.Mount.Tree));
                directory = next;
            }
            if (directory.IsVirtual) throw new FileFaultException(at.Inode is null ? FileFault.NotFound : FileFault.NotPermitted, path);
            if (directory.Removed) throw new FileFaultException(FileFault.NotFound, path);
            return change(directory);
        }
    }

    private static Inode WritableRoot(Mount mount)
    {
        if (mount.Root.Frozen) mount.Root = mount.Root.CopyUp(mount.Tree);
        return mount.Root;
    }

    private static FileInode Writable(Location at, DirectoryInode directory, FileInode file)
    {
        if (!file.Frozen) return file;
        at.Mount.Tree.Charge(file.Length);
        file = (FileInode)file.CopyUp(at.Mount.Tree);
        directory.Set(at.Name, file);
        return file;
    }

    private static void Release(FileTree tree, FileInode file)
    {
        if (--file.Links > 0) return;
        tree.Charge(-file.Length);
        tree.RemoveInode();
    }

    private bool HasMountBelow(Location at) => _mounts.Keys.Any(path => path.StartsWith(at.Path + "/", StringComparison.Ordinal));
}
