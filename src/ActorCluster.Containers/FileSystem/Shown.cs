namespace ActorCluster.Containers.FileSystem;

/// <summary>Something that a volume shows and that its programs can't change: files that are somebody else's and may change at any time.</summary>
public abstract record Shown
{
    internal abstract Inode ToInode();
}

/// <param name="Names">What is in it now, sorted.</param>
/// <param name="Find">Null if there is no such name.</param>
public sealed record ShownFolder(Func<IEnumerable<string>> Names, Func<string, Shown?> Find) : Shown
{
    internal override Inode ToInode() => ToFolder();

    internal DirectoryInode ToFolder()
    {
        var folder = VirtualFiles.Modes(new VirtualDirectory(_ => Names(), (name, _) => Find(name)?.ToInode()));
        folder.Permissions = 0b111_101_101;
        return folder;
    }
}

public sealed record ShownLink(string Target) : Shown
{
    internal override Inode ToInode() => new LinkInode(Target) { Modified = ImageLayer.Built };
}

/// <param name="Open">A stream of its own for each reader.</param>
/// <param name="Length">In bytes, now.</param>
public sealed record ShownFile(Func<Stream> Open, Func<long> Length, DateTimeOffset Modified) : Shown
{
    internal override Inode ToInode() => new DeviceInode(
        FileKind.Regular, mode => mode == FileOpen.Read ? Open() : throw new FileFaultException(FileFault.ReadOnly, ""), Length) { Permissions = 0b110_100_000, Modified = Modified };
}
