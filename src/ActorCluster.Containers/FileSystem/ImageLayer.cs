using System.Text;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.FileSystem;

/// <summary>An image's read-only tree, made once and shared by all its containers.</summary>
internal sealed class ImageLayer
{
    /// <summary>When all files of emulated images were last modified.</summary>
    public static readonly DateTimeOffset Built = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string Magic = "\u007fELF\u0002\u0001\u0001actorcluster-program:";

    private static readonly string[] Folders =
        ["/bin", "/dev/pts", "/dev/shm", "/etc", "/home", "/lib", "/proc", "/root", "/run", "/sys", "/tmp", "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/sbin", "/var/log", "/var/run", "/var/tmp"];

    private static readonly (string Path, string Target)[] DeviceLinks =
    [
        ("/dev/stdin", "/proc/self/fd/0"), ("/dev/stdout", "/proc/self/fd/1"), ("/dev/stderr", "/proc/self/fd/2"), ("/dev/fd", "/proc/self/fd"),
    ];

    public ImageLayer(ContainerImage image, Contracts.Runtime.RandomSource random)
    {
        Image = image;
        foreach (var folder in Folders) Folder(folder);
        Folder("/tmp").Permissions = Folder("/var/tmp").Permissions = Folder("/dev/shm").Permissions = 0b001_111_111_111;
        Folder("/root").Permissions = 0b111_000_000;
        Put("/etc/passwd", File("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n"u8.ToArray()));
        Put("/etc/group", File("root:x:0:\nnobody:x:65534:\n"u8.ToArray()));
        Put("/dev/null", Device(_ => new NullStream()));
        Put("/dev/zero", Device(_ => new NullStream(zeros: true)));
        Put("/dev/full", Device(_ => new NullStream(zeros: true, full: true)));
        Put("/dev/random", Device(_ => new RandomStream(random)));
        Put("/dev/urandom", Device(_ => new RandomStream(random)));
        foreach (var (path, target) in DeviceLinks) Put(path, new LinkInode(target));
        foreach (var (path, _) in image.Programs.OrderBy(p => p.Key, StringComparer.Ordinal)) Put(path, ProgramFile(image, path));
        foreach (var (path, content) in image.Distribution?.Files ?? []) Put(path, File(content));
        foreach (var (path, target) in image.Distribution?.Links ?? []) Put(path, new LinkInode(target));
        foreach (var (path, content) in image.Files) Put(path, File(content));
        foreach (var (path, target) in image.Links.OrderBy(p => p.Key, StringComparer.Ordinal)) Put(path, new LinkInode(target));
    }

    public ContainerImage Image { get; }

    public DirectoryInode Root { get; } = FrozenFolder();

    /// <summary>The program that a file's bytes stand for, so that a copy of /bin/busybox in a volume still is busybox; null for other files.</summary>
    public static IProgram? FindProgram(ReadOnlySpan<byte> content, Func<string, ContainerImage?> imageByName)
    {
        if (content.Length is 0 or > 4096 || content[0] != 0x7f) return null;
        var text = Encoding.Latin1.GetString(content);
        if (!text.StartsWith(Magic, StringComparison.Ordinal)) return null;
        var parts = text[Magic.Length..].TrimEnd('\n').Split('\t');
        return parts.Length == 2 && imageByName(parts[0])?.Programs.GetValueOrDefault(parts[1]) is { } program ? program : null;
    }

    private static FileInode ProgramFile(ContainerImage image, string path) =>
        new(Encoding.Latin1.GetBytes($"{Magic}{image.Repositories[0]}\t{path}\n"))
        {
            Permissions = 0b111_101_101 | (image.SetUserIdPrograms.Contains(path) ? Inode.SetUserBit | Inode.SetGroupBit : 0), Modified = Built,
        };

    private static FileInode File(ReadOnlyMemory<byte> content)
    {
        var script = content.Length > 2 && content.Span[..2].SequenceEqual("#!"u8);
        return new(content) { Permissions = script ? 0b111_101_101 : 0b110_100_100, Modified = Built };
    }

    private static DeviceInode Device(Func<FileOpen, Stream> open) => new(FileKind.Device, open) { Permissions = 0b110_110_110, Modified = Built, Frozen = true };
    private static DirectoryInode FrozenFolder() => new() { Permissions = 0b111_101_101, Modified = Built, Frozen = true };

    private void Put(string path, Inode inode)
    {
        inode.Frozen = true;
        inode.Modified = Built;
        var slash = path.LastIndexOf('/');
        Folder(path[..slash]).Set(path[(slash + 1)..], inode);
    }

    private DirectoryInode Folder(string path)
    {
        var folder = Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (folder.Find(name, 0) is not DirectoryInode next) folder.Set(name, next = FrozenFolder());
            folder = next;
        }
        return folder;
    }
}
