using System.CommandLine;
using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Tests;

/// <summary>The command tree as the program makes it, and what --help prints for one of its commands.</summary>
internal static class InvokedProgram
{
    public static RootCommand Tree { get; } = CommandTree.Create(CliContext.Create());

    /// <summary>Every command that a user can see, the root included, with the words that lead to it.</summary>
    public static IReadOnlyList<(string Path, Command Command)> Commands { get; } = [.. Below("", Tree)];

    public static async Task<(int ExitCode, string Output)> HelpAsync(string path)
    {
        var output = new StringWriter();
        var parsed = Tree.Parse($"{path} --help");
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
        return (code, output.ToString());
    }

    private static IEnumerable<(string Path, Command Command)> Below(string path, Command command)
    {
        yield return (path, command);
        foreach (var child in command.Subcommands.Where(child => !child.Hidden))
            foreach (var below in Below($"{path} {child.Name}".Trim(), child))
                yield return below;
    }
}
