using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.FileSystem;

/// <summary>A container's files as one of its processes sees them: /proc/self, and by it /dev/stdout and its like, are its own.</summary>
/// <param name="user">Whose rights count; null for the node's own.</param>
/// <param name="umask">What a file does not permit that is made without naming its permissions.</param>
internal sealed class ProcessFiles(Container container, int processId, ProcessUser? user, Func<int> umask) : IFileSystem
{
    public const int UsualUmask = 0b010_010;

    private const int UsualFile = 0b110_110_110 & ~UsualUmask;
    private const int UsualDirectory = 0b111_111_111 & ~UsualUmask;

    // Made when first needed: many containers never touch a file.
    private MountedFileSystem Namespace => container.Namespace;

    private Caller Self => new(processId, user);

    public FileStatus Stat(string path, bool followLinks = true) => Namespace.Stat(path, followLinks, Self);
    public bool Exists(string path) => Namespace.Exists(path, Self);
    public IReadOnlyList<string> List(string directory) => Namespace.List(directory, Self);

    public Stream Open(string path, FileOpen mode, int permissions = UsualFile) =>
        Namespace.Open(path, mode, permissions == UsualFile ? 0b110_110_110 & ~umask() : permissions, Self);

    public void CreateDirectory(string path, int permissions = UsualDirectory) =>
        Namespace.CreateDirectory(path, permissions == UsualDirectory ? 0b111_111_111 & ~umask() : permissions, Self);

    public void CreateSymbolicLink(string path, string target) => Namespace.CreateSymbolicLink(path, target, Self);
    public void CreateLink(string existing, string path) => Namespace.CreateLink(existing, path, Self);
    public string ReadLink(string path) => Namespace.ReadLink(path, Self);
    public void Remove(string path) => Namespace.Remove(path, Self);
    public void Rename(string from, string to) => Namespace.Rename(from, to, Self);
    public void SetPermissions(string path, int permissions) => Namespace.SetPermissions(path, permissions, Self);
    public void SetModified(string path, DateTimeOffset modified) => Namespace.SetModified(path, modified, Self);
    public void SetOwner(string path, int userId, int groupId) => Namespace.SetOwner(path, userId, groupId, Self);
    public string FileSystemOf(string path) => Namespace.FileSystemOf(path, Self);

    /// <summary>Whether the process may do something with what is there (access(2)); root may execute what anybody may.</summary>
    /// <param name="bits">Of <see cref="Caller"/>'s.</param>
    public bool May(string path, int bits)
    {
        var at = Namespace.Resolve(path, follow: true, Self);
        if (at.Inode is null || !Self.May(at.Inode, bits)) return false;
        if ((bits & Caller.Write) != 0 && at.Mount.ReadOnly) return false;
        return (bits & Caller.Execute) == 0 || at.Inode is DirectoryInode || (at.Inode.Permissions & 0b001_001_001) != 0;
    }

    /// <summary>The canonical path: no links, no "." and "..".</summary>
    /// <param name="mustExist">False: the last name may be absent.</param>
    public string Canonical(string path, bool mustExist)
    {
        var at = Namespace.Resolve(path, follow: true, Self);
        return at.Inode is null && mustExist ? throw new FileFaultException(FileFault.NotFound, path) : at.Path;
    }
}
