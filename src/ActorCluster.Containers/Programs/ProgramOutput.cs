using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs;

/// <summary>Text to a process's standard streams, and paths as the process means them.</summary>
internal static class ProgramOutput
{
    public static ValueTask PrintAsync(this ProcessContext context, string text) => context.Stdout.WriteAsync(Encoding.UTF8.GetBytes(text), context.Killed);

    public static ValueTask PrintErrorAsync(this ProcessContext context, string text) => context.Stderr.WriteAsync(Encoding.UTF8.GetBytes(text), context.Killed);

    /// <summary>The path joined with the working directory.</summary>
    public static string FullPath(this ProcessContext context, string path) => path.StartsWith('/') ? path : $"{context.WorkingDirectory.TrimEnd('/')}/{path}";

    /// <summary>The whole file as text.</summary>
    public static async Task<string> ReadTextAsync(this IFileSystem files, string path, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(files.Open(path, FileOpen.Read));
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>The name that the program was called by, without its folder.</summary>
    public static string Name(this ProcessContext context) => context.Arguments[0][(context.Arguments[0].LastIndexOf('/') + 1)..];
}
