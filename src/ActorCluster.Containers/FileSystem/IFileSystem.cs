namespace ActorCluster.Containers.FileSystem;

/// <summary>
/// A container's files: an image's read-only tree below a writable layer, with volumes mounted in it. Entirely in memory; no path
/// of it can reach the host's files. Paths are absolute, '/'-separated, and already joined with the working directory.
/// </summary>
/// <exception cref="FileFaultException">Every call fails with it, worded as Linux's strerror does.</exception>
public interface IFileSystem
{
    FileStatus Stat(string path, bool followLinks = true);
    bool Exists(string path);
    IReadOnlyList<string> List(string directory);
    Stream Open(string path, FileOpen mode, int permissions = 0b110_100_100);
    void CreateDirectory(string path, int permissions = 0b111_101_101);
    void CreateSymbolicLink(string path, string target);
    string ReadLink(string path);

    /// <summary>A second name for a file (a hard link).</summary>
    void CreateLink(string existing, string path);

    /// <summary>Removes a file, a link or an empty directory.</summary>
    void Remove(string path);

    void Rename(string from, string to);
    void SetPermissions(string path, int permissions);
    void SetModified(string path, DateTimeOffset modified);
    void SetOwner(string path, int userId, int groupId);

    /// <summary>What kind of file system a path is on, as /proc/mounts names it: "overlay", "ext4", "tmpfs", "proc", "cgroup2".</summary>
    string FileSystemOf(string path);
}

public enum FileOpen
{
    Read,

    /// <summary>Created if absent, emptied if present.</summary>
    Write,

    /// <summary>Created if absent, written at its end.</summary>
    Append,

    /// <summary>Created if absent, kept as it is if present; read and written from its start.</summary>
    ReadWrite,
}

public enum FileKind
{
    Regular,
    Directory,
    SymbolicLink,
    Device,
}

/// <param name="Permissions">The lower nine (twelve) mode bits.</param>
public readonly record struct FileStatus(FileKind Kind, long Length, int Permissions, int UserId, int GroupId, DateTimeOffset Modified)
{
    /// <summary>How many names it has.</summary>
    public int Links { get; init; } = 1;
}

public enum FileFault
{
    NotFound,
    Exists,
    NotADirectory,
    IsADirectory,
    NotEmpty,
    ReadOnly,
    PermissionDenied,
    TooManyLinks,
    NoSpace,
    Invalid,
    NameTooLong,
    CrossDevice,
    Busy,
    NotPermitted,

    /// <summary>The real disk behind it fails, or its use has ended.</summary>
    InputOutput,
}

public sealed class FileFaultException(FileFault fault, string path) : IOException(Describe(fault))
{
    public FileFault Fault { get; } = fault;
    public string Path { get; } = path;

    private static string Describe(FileFault fault) => fault switch
    {
        FileFault.NotFound => "No such file or directory",
        FileFault.Exists => "File exists",
        FileFault.NotADirectory => "Not a directory",
        FileFault.IsADirectory => "Is a directory",
        FileFault.NotEmpty => "Directory not empty",
        FileFault.ReadOnly => "Read-only file system",
        FileFault.PermissionDenied => "Permission denied",
        FileFault.TooManyLinks => "Too many levels of symbolic links",
        FileFault.NoSpace => "No space left on device",
        FileFault.Invalid => "Invalid argument",
        FileFault.NameTooLong => "File name too long",
        FileFault.CrossDevice => "Invalid cross-device link",
        FileFault.Busy => "Device or resource busy",
        FileFault.NotPermitted => "Operation not permitted",
        FileFault.InputOutput => "Input/output error",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
