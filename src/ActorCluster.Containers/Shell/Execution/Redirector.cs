using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Execution;

/// <summary>A redirection that failed: the command isn't run, its status is 1.</summary>
internal sealed class RedirectionException(string message) : Exception(message);

/// <summary>Redirections (XCU 2.7) on a table of descriptors.</summary>
internal static class Redirector
{
    public static async ValueTask ApplyAsync(Interpreter shell, IEnumerable<Redirection> redirections, FileDescriptors files)
    {
        foreach (var redirection in redirections) await ApplyAsync(shell, redirection, files);
    }

    private static async ValueTask ApplyAsync(Interpreter shell, Redirection redirection, FileDescriptors files)
    {
        switch (redirection.Kind)
        {
            case RedirectionKind.HereDocument:
                files.Set(redirection.Descriptor, Text(await shell.Expander.TextAsync(redirection.Body ?? Word.Empty)));
                return;
            case RedirectionKind.HereString:
                files.Set(redirection.Descriptor, Text(await shell.Expander.TextAsync(redirection.Target) + "\n"));
                return;
        }
        var target = await shell.Expander.TextAsync(redirection.Target);
        switch (redirection.Kind)
        {
            case RedirectionKind.DuplicateOutput when redirection.Descriptor == 1 && target != "-" && !target.All(char.IsAsciiDigit):
                var file = Open(shell, files, target, RedirectionKind.Output);
                files.Set(1, file);
                files.Set(2, file);
                break;
            case RedirectionKind.DuplicateInput or RedirectionKind.DuplicateOutput:
                Duplicate(files, redirection.Descriptor, target);
                break;
            case RedirectionKind.OutputAndErrors or RedirectionKind.AppendOutputAndErrors:
                var both = Open(shell, files, target, redirection.Kind == RedirectionKind.OutputAndErrors ? RedirectionKind.Output : RedirectionKind.Append);
                files.Set(1, both);
                files.Set(2, both);
                break;
            default:
                files.Set(redirection.Descriptor, Open(shell, files, target, redirection.Kind));
                break;
        }
    }

    private static void Duplicate(FileDescriptors files, int descriptor, string target)
    {
        if (target == "-")
        {
            files.Close(descriptor);
            return;
        }
        if (!int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var source)) throw new ShellFaultException("bad fd number", 2);
        files.Set(descriptor, files.Find(source) ?? throw new RedirectionException(string.Create(CultureInfo.InvariantCulture, $"{source}: Bad file descriptor")));
    }

    private static OpenFile Open(Interpreter shell, FileDescriptors files, string target, RedirectionKind kind)
    {
        // The shell's own descriptors, which may differ from those its process was started with.
        if (target is "/dev/stdin" or "/dev/stdout" or "/dev/stderr" || target.StartsWith("/dev/fd/", StringComparison.Ordinal) || target.StartsWith("/proc/self/fd/", StringComparison.Ordinal))
        {
            var name = target[(target.LastIndexOf('/') + 1)..];
            var number = name switch { "stdin" => 0, "stdout" => 1, "stderr" => 2, _ => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1 };
            return files.Find(number) ?? throw new RedirectionException($"can't open {target}: no such file");
        }
        if (target == "/dev/tty" && shell.Context.Self is { } self && self.Stdin is ITerminalStream) return new(self.Stdin, self.Stdout);
        var path = shell.Absolute(target);
        try
        {
            switch (kind)
            {
                case RedirectionKind.Input when shell.Context.Files.Stat(path).Kind == FileKind.Directory: return new(DirectoryInput.Instance, null);
                case RedirectionKind.Input: return new(Input(shell.Context.Files.Open(path, FileOpen.Read)), null);
                case RedirectionKind.ReadWrite:
                    var both = shell.Context.Files.Open(path, FileOpen.ReadWrite);
                    return new(Input(both), Output(both));
                case RedirectionKind.Output when shell.State.Options.NoClobber && shell.Context.Files.Exists(path) && shell.Context.Files.Stat(path).Kind == FileKind.Regular:
                    throw new RedirectionException($"can't create {target}: File exists");
                default:
                    return new(null, Output(shell.Context.Files.Open(path, kind == RedirectionKind.Append ? FileOpen.Append : FileOpen.Write, 0b110_110_110 & ~shell.State.Umask)));
            }
        }
        catch (FileFaultException fault)
        {
            var input = kind == RedirectionKind.Input;
            var reason = fault.Fault == FileFault.NotFound ? (input ? "no such file" : "nonexistent directory") : fault.Message;
            throw new RedirectionException($"can't {(input ? "open" : "create")} {target}: {reason}");
        }
    }

    /// <summary>A folder may be opened for reading; it is the reading that fails (EISDIR).</summary>
    private sealed class DirectoryInput : IInputStream
    {
        public static readonly DirectoryInput Instance = new();

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => throw new IOException("Is a directory");
    }

    private static OpenFile Text(string text) => new(new FileInput(new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false)), null);
    private static IInputStream Input(Stream stream) => stream is StandardStream { Input: { } input } ? input : new FileInput(stream);
    private static IOutputStream Output(Stream stream) => stream is StandardStream { Output: { } output } ? output : new FileOutput(stream);
}
