using System.Text;

namespace ActorCluster.Containers.FileSystem;

/// <summary>Folders and files made up when they are looked at, which nobody can write to.</summary>
internal static class VirtualFiles
{
    public static DirectoryInode Folder(Dictionary<string, Inode> entries) =>
        Modes(new VirtualDirectory(_ => entries.Keys.Order(StringComparer.Ordinal), (name, _) => entries.GetValueOrDefault(name)));

    public static DirectoryInode Modes(DirectoryInode directory)
    {
        (directory.Permissions, directory.Modified) = (0b101_101_101, ImageLayer.Built);
        return directory;
    }

    public static DeviceInode Text(Func<string> text) =>
        new(FileKind.Regular, mode => mode == FileOpen.Read ? new MemoryStream(Encoding.UTF8.GetBytes(text()), writable: false) : throw new FileFaultException(FileFault.PermissionDenied, "/proc"))
        {
            Permissions = 0b100_100_100,
            Modified = ImageLayer.Built,
        };
}
