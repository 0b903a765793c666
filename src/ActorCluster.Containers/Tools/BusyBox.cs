using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools;

/// <summary>The multi-call binary: all applets, and where they are installed.</summary>
public static class BusyBox
{
    private static readonly ImmutableSortedDictionary<string, IProgram> Applets = Create();

    /// <summary>Every applet at /bin, for images that are made of busybox.</summary>
    public static ImmutableDictionary<string, IProgram> Programs { get; } = Applets.ToImmutableDictionary(a => "/bin/" + a.Key, a => a.Value);

    private static ImmutableSortedDictionary<string, IProgram> Create()
    {
        var applets = ImmutableSortedDictionary.CreateBuilder<string, IProgram>(StringComparer.Ordinal);
        foreach (var name in new[] { "sh", "ash", "bash" }) applets.Add(name, ShellProgram.Instance);
        IEnumerable<Tool>[] families =
        [
            SimpleTools.All,
            FileTools.All,
            CopyTools.All,
            ListingTools.All,
            TextTools.All,
            Grep.All,
            SystemTools.All,
            Launch.All,
            ByteTools.All,
            Networking.NetworkTools.All,
            PlainTools.All,
            [Expr.Tool, GetOpt.Tool, DiffTool.Tool, SysctlTool.Tool, Top.Tool],
            [Sed.SedTool.Tool, Awk.AwkTool.Tool, Find.Tool, Tar.Tool],
            [Tail.Tool, SortTool.Tool, Translate.Tool],
        ];
        foreach (var tool in families.SelectMany(family => family)) applets.Add(tool.Name, tool);
        applets.Add("busybox", new DelegateProgram(DispatchAsync));
        return applets.ToImmutable();
    }

    private static async Task<int> DispatchAsync(ProcessContext context)
    {
        var words = context.Arguments.Skip(1).ToArray();
        if (words is [] or ["--help"])
        {
            var names = string.Join(", ", Applets.Keys);
            await WriteAsync(context.Stdout, context,
                $"{Tool.Banner}\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list\n   or: function [arguments]...\n\nCurrently defined functions:\n\t{names}\n");
            return 0;
        }
        if (words[0] == "--list")
        {
            await WriteAsync(context.Stdout, context, string.Concat(Applets.Keys.Select(name => name + "\n")));
            return 0;
        }
        if (!Applets.TryGetValue(words[0][(words[0].LastIndexOf('/') + 1)..], out var applet))
        {
            await WriteAsync(context.Stderr, context, $"{words[0]}: applet not found\n");
            return 127;
        }
        return await context.Self!.ExecuteAsync(applet, new(words, context.Environment, context.WorkingDirectory, context.Stdin, context.Stdout, context.Stderr, context.Terminal));
    }

    private static ValueTask WriteAsync(IOutputStream stream, ProcessContext context, string text) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), context.Killed);
}
