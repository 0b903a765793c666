using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;

namespace ActorCluster.Containers.Runtime;

internal enum ExecutableFault
{
    None,
    NotFound,
    NotAFile,
    PermissionDenied,
    BadFormat,
    InterpreterNotFound,
}

/// <param name="Prefix">What a "#!" line puts before the script's own arguments; the script's path is then the last of it.</param>
internal sealed record Executable(ExecutableFault Fault, string? Path, IProgram? Program, IReadOnlyList<string> Prefix)
{
    /// <summary>The path as it was looked for, which may be relative: $0 of a script.</summary>
    public string? Called { get; init; }

    /// <summary>Whose it runs as, by its set-user-ID bit; null: whoever starts it.</summary>
    public int? SetUser { get; init; }

    /// <summary>The group that it runs as, by its set-group-ID bit.</summary>
    public int? SetGroup { get; init; }

    /// <summary>What to start for what was asked for.</summary>
    public ProcessSpec Complete(ProcessSpec asked) => asked with { Arguments = ArgumentsFor(asked.Arguments), SetUser = SetUser, SetGroup = SetGroup };

    public IReadOnlyList<string> ArgumentsFor(IReadOnlyList<string> arguments) => Prefix.Count == 0 ? arguments : [.. Prefix, .. arguments.Skip(1)];

    /// <summary>As runc says it (libcontainer, os/exec's errors).</summary>
    public string Describe(string name) => Fault switch
    {
        ExecutableFault.NotFound when !name.Contains('/', StringComparison.Ordinal) => $"exec: \"{name}\": executable file not found in $PATH",
        ExecutableFault.NotFound => $"exec: \"{name}\": stat {name}: no such file or directory",
        ExecutableFault.NotAFile => $"exec: \"{name}\": is a directory",
        ExecutableFault.PermissionDenied => $"exec: \"{name}\": permission denied",
        ExecutableFault.BadFormat => $"exec {name}: exec format error",
        _ => $"exec {name}: no such file or directory",
    };
}

/// <summary>Finds programs in a container's files.</summary>
internal sealed class Executables(Container container, Func<string, ContainerImage?> imageByName)
{
    private const int InterpreterDepth = 4;

    public Executable Find(string name, string searchPath, string workingDirectory)
    {
        if (name.Contains('/', StringComparison.Ordinal)) return Load(Join(workingDirectory, name), name, 0);
        var best = new Executable(ExecutableFault.NotFound, null, null, []);
        if (name.Length == 0) return best;
        foreach (var folder in searchPath.Split(':'))
        {
            var called = folder.Length == 0 ? name : Join(folder, name);
            var found = Load(Join(workingDirectory, called), called, 0);
            if (found.Fault is ExecutableFault.None or ExecutableFault.BadFormat or ExecutableFault.InterpreterNotFound) return found;
            if (found.Fault == ExecutableFault.PermissionDenied) best = found;
        }
        return best;
    }

    /// <param name="called">What "$0" of a script will be.</param>
    private Executable Load(string path, string called, int depth)
    {
        // The common case, which needs no file system: nothing written, nothing mounted in between.
        if (container.Image.Programs.TryGetValue(path, out var direct) && !container.MayDiffer(path)) return Found(path, direct, container.Image.SetUserIdPrograms.Contains(path) ? (0, 0) : default);
        FileInode file;
        ReadOnlyMemory<byte> content;
        var caller = new Caller(0, container.User);
        try
        {
            var inode = container.Namespace.Find(path, follow: true, caller);
            if (inode is not FileInode found) return Failed(inode is null ? ExecutableFault.NotFound : ExecutableFault.NotAFile, path);
            file = found;
            if ((file.Permissions & 0b001_001_001) == 0 || !caller.May(file, Caller.Execute)) return Failed(ExecutableFault.PermissionDenied, path);
            content = file.ReadAll();
        }
        catch (FileFaultException fault)
        {
            return Failed(fault.Fault == FileFault.PermissionDenied ? ExecutableFault.PermissionDenied : ExecutableFault.NotFound, path);
        }
        if (ImageLayer.FindProgram(content.Span, imageByName) is { } program) return Found(path, program, OwnersOf(file));
        if (content.Length < 3 || !content.Span[..2].SequenceEqual("#!"u8)) return Failed(ExecutableFault.BadFormat, path) with { Called = called };

        var end = content.Span.IndexOf((byte)'\n');
        var line = Encoding.UTF8.GetString(content.Span[2..(end < 0 ? content.Length : end)]).Trim();
        var space = line.IndexOfAny([' ', '\t']);
        var interpreter = space < 0 ? line : line[..space];
        if (interpreter.Length == 0) return Failed(ExecutableFault.BadFormat, path);
        var loaded = depth < InterpreterDepth ? Load(Join("/", interpreter), interpreter, depth + 1) : Failed(ExecutableFault.NotFound, path);
        if (loaded.Fault != ExecutableFault.None) return Failed(ExecutableFault.InterpreterNotFound, path);
        IReadOnlyList<string> own = space < 0 ? [interpreter, called] : [interpreter, line[space..].Trim(), called];
        return new(ExecutableFault.None, path, loaded.Program, loaded.Prefix.Count == 0 ? own : [.. loaded.Prefix, .. own.Skip(1)]);
    }

    private static Executable Found(string path, IProgram program, (int? User, int? Group) owners) => new(ExecutableFault.None, path, program, []) { SetUser = owners.User, SetGroup = owners.Group };

    /// <summary>The set-group-ID bit of what its group may not execute means something else (inode(7)).</summary>
    private static (int? User, int? Group) OwnersOf(FileInode file) =>
        ((file.Permissions & Inode.SetUserBit) != 0 ? file.UserId : null, (file.Permissions & Inode.SetGroupBit) != 0 && (file.Permissions & 0b001_000) != 0 ? file.GroupId : null);

    private static Executable Failed(ExecutableFault fault, string path) => new(fault, path, null, []);

    private static string Join(string directory, string path) => path.StartsWith('/') ? path : directory.TrimEnd('/') + "/" + path;
}
