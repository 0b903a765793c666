using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.FileSystem;

/// <summary>A container's files as one of its processes sees them: /proc/self, and by it /dev/stdout and its like, are its own.</summary>
/// <param name="umask">What a file does not permit that is made without naming its permissions.</param>
internal sealed class ProcessFiles(Container container, int self, Func<int> umask) : IFileSystem
{
    public const int UsualUmask = 0b010_010;

    private const int UsualFile = 0b110_110_110 & ~UsualUmask;
    private const int UsualDirectory = 0b111_111_111 & ~UsualUmask;

    // Made when first needed: many containers never touch a file.
    private MountedFileSystem Namespace => container.Namespace;

    public FileStatus Stat(string path, bool followLinks = true) => Namespace.Stat(path, followLinks, self);
    public bool Exists(string path) => Namespace.Exists(path, self);
    public IReadOnlyList<string> List(string directory) => Namespace.List(directory, self);

    public Stream Open(string path, FileOpen mode, int permissions = UsualFile) =>
        Namespace.Open(path, mode, permissions == UsualFile ? 0b110_110_110 & ~umask() : permissions, self);

    public void CreateDirectory(string path, int permissions = UsualDirectory) =>
        Namespace.CreateDirectory(path, permissions == UsualDirectory ? 0b111_111_111 & ~umask() : permissions);

    public void CreateSymbolicLink(string path, string target) => Namespace.CreateSymbolicLink(path, target);
    public void CreateLink(string existing, string path) => Namespace.CreateLink(existing, path);
    public string ReadLink(string path) => Namespace.ReadLink(path, self);
    public void Remove(string path) => Namespace.Remove(path);
    public void Rename(string from, string to) => Namespace.Rename(from, to);
    public void SetPermissions(string path, int permissions) => Namespace.SetPermissions(path, permissions);
    public void SetModified(string path, DateTimeOffset modified) => Namespace.SetModified(path, modified);
    public void SetOwner(string path, int userId, int groupId) => Namespace.SetOwner(path, userId, groupId);

    /// <summary>The canonical path: no links, no "." and "..".</summary>
    /// <param name="mustExist">False: the last name may be absent.</param>
    public string Canonical(string path, bool mustExist)
    {
        var at = Namespace.Resolve(path, follow: true, self);
        return at.Inode is null && mustExist ? throw new FileFaultException(FileFault.NotFound, path) : at.Path;
    }
}
