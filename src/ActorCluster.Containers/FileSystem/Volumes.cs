using ActorCluster.Containers.FileSystem.Journals;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.FileSystem;

/// <param name="Mode">Permission bits, 0644 unless the volume says otherwise.</param>
/// <param name="UserId">Its owner.</param>
public sealed record VolumeFile(ReadOnlyMemory<byte> Content, int Mode = 0b110_100_100, int UserId = 0);

/// <summary>Makes the volumes that a pod's containers share, and fills those that carry API objects.</summary>
public static class Volumes
{
    /// <param name="sizeLimit">Bytes its files may hold in all; null for the room's own limit of 256 MiB, which is also the maximum.</param>
    /// <param name="inMemory">Programs see a tmpfs.</param>
    public static IVolume CreateEmptyDir(string name, TimeProvider clock, long? sizeLimit = null, bool inMemory = false) =>
        new Volume(name, clock, Math.Min(sizeLimit ?? FileTree.DefaultLimit, FileTree.DefaultLimit), PermissionsOf(inMemory), KindOf(inMemory));

    /// <summary>Like an emptyDir, but it is what the last one of that journal was: whatever a program has written is there again, also after the process was killed.</summary>
    /// <param name="journal">Opened when somebody looks into the volume.</param>
    public static IVolume CreateStored(string name, TimeProvider clock, IVolumeJournal journal) => new Volume(name, clock, FileTree.DefaultLimit, PermissionsOf(false), KindOf(false), journal);

    /// <summary>For configMap, secret, projected and downwardAPI: filled by <see cref="Publish"/>.</summary>
    public static IVolume CreateProjected(string name, TimeProvider clock, bool inMemory = true) =>
        new Volume(name, clock, FileTree.DefaultLimit, PermissionsOf(inMemory), KindOf(inMemory));

    /// <summary>Shows what is somebody else's, to be mounted read-only.</summary>
    public static IVolume CreateShown(string name, TimeProvider clock, ShownFolder root) => new Volume(name, clock, FileTree.DefaultLimit, root.ToFolder());

    /// <summary>
    /// Gives all that is in a volume to a group, which may then read and, unless <paramref name="readOnly"/>, write it; new files will be the group's, too
    /// (fsGroup: k8s.io/kubernetes/pkg/volume/volume_linux.go).
    /// </summary>
    public static void SetGroup(IVolume volume, int group, bool readOnly) => ((Volume)volume).SetGroup(new GroupOwnership(group, readOnly));

    /// <summary>The same for a folder of a volume.</summary>
    /// <param name="unlessRootIs">Nothing is changed if the folder itself is as it should be (fsGroupChangePolicy: OnRootMismatch).</param>
    /// <exception cref="FileFaultException">There is no such folder, or it can't be written.</exception>
    public static void SetFolderGroup(IVolume volume, string folder, int group, bool readOnly, bool unlessRootIs) => ((Volume)volume).SetGroup(folder, new GroupOwnership(group, readOnly), unlessRootIs);

    /// <summary>
    /// Replaces all files of a projected volume at once, as the kubelet does (k8s.io/kubernetes/pkg/volume/util/atomic_writer.go): the files go to a
    /// folder of their own, "..data" is switched to it by one rename, and each first path segment is a link through "..data".
    /// </summary>
    /// <param name="files">By relative path, "a/b" allowed.</param>
    /// <exception cref="FileFaultException">Invalid for a path that is absolute, or contains ".." or starts with it.</exception>
    public static void Publish(IVolume volume, IReadOnlyDictionary<string, VolumeFile> files)
    {
        foreach (var path in files.Keys)
        {
            if (path.Length == 0 || path.StartsWith('/') || path.Split('/').Any(part => part.Length == 0 || part.StartsWith("..", StringComparison.Ordinal)))
                throw new FileFaultException(FileFault.Invalid, path);
        }
        ((Volume)volume).Publish(files);
    }

    /// <param name="folder">What the files' own folder is called.</param>
    internal static void Write(MountedFileSystem tree, IReadOnlyDictionary<string, VolumeFile> files, string folder, GroupOwnership? group = null)
    {
        var previous = tree.Exists("/..data") ? "/" + tree.ReadLink("/..data") : null;
        tree.CreateDirectory("/" + folder);
        foreach (var (path, file) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var full = $"/{folder}/{path}";
            tree.MakeDirectories(full[..full.LastIndexOf('/')]);
            using (var stream = tree.Open(full, FileOpen.Write, file.Mode)) stream.Write(file.Content.Span);
            if (file.UserId != 0) tree.SetOwner(full, file.UserId, 0);
        }
        group?.Apply(tree.Tree, tree.Find("/", follow: true, 0)!);
        tree.CreateSymbolicLink("/..data_tmp", folder);
        tree.Rename("/..data_tmp", "/..data");
        var visible = files.Keys.Select(path => path.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var name in visible.Order(StringComparer.Ordinal))
        {
            if (!tree.List("/").Contains(name)) tree.CreateSymbolicLink("/" + name, "..data/" + name);
        }
        foreach (var name in tree.List("/"))
        {
            if (!name.StartsWith("..", StringComparison.Ordinal) && !visible.Contains(name)) tree.Remove("/" + name);
        }
        if (previous is not null) RemoveAll(tree, previous);
    }

    private static int PermissionsOf(bool inMemory) => inMemory ? 0b001_111_111_111 : 0b111_111_111;

    private static string KindOf(bool inMemory) => inMemory ? FileTree.Memory : FileTree.Disk;

    /// <summary>Removes a file, or a folder with all that is in it, if it is there.</summary>
    /// <exception cref="FileFaultException">It can't be removed.</exception>
    public static void Remove(IVolume volume, string path)
    {
        if (volume.Files.Exists(path)) RemoveAll(volume.Files, path);
    }

    private static void RemoveAll(IFileSystem files, string path)
    {
        if (files.Stat(path, followLinks: false).Kind == FileKind.Directory)
        {
            foreach (var name in files.List(path)) RemoveAll(files, path + "/" + name);
        }
        files.Remove(path);
    }
}
