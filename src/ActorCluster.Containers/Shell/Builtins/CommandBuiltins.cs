using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>type, command, alias, unalias, help.</summary>
internal static class CommandBuiltins
{
    public static async ValueTask<int> TypeAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var status = 0;
        foreach (var name in words.Skip(1)) status = Math.Max(status, await DescribeAsync(shell, name, verbose: true));
        return status;
    }

    public static async ValueTask<int> CommandAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var i = 1;
        for (; i < words.Count && words[i] is "-p" or "--"; i++)
        {
        }
        if (i < words.Count && words[i] is "-v" or "-V")
        {
            return i + 1 < words.Count ? await DescribeAsync(shell, words[i + 1], verbose: words[i] == "-V") : 0;
        }
        if (i >= words.Count) return 0;
        var command = words.Skip(i).ToArray();
        if (BuiltinTable.Find(command[0]) is { } builtin) return await shell.CallBuiltinAsync(builtin, command);
        return await shell.RunProgramAsync(command);
    }

    public static async ValueTask<int> AliasAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var status = 0;
        if (words.Count == 1)
        {
            await shell.WriteAsync(1, string.Concat(shell.State.Aliases.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={Quoting.Single(a.Value)}\n")));
        }
        foreach (var word in words.Skip(1))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                shell.State.Aliases[word[..equals]] = word[(equals + 1)..];
            }
            else if (shell.State.Aliases.TryGetValue(word, out var value))
            {
                await shell.WriteAsync(1, $"{word}={Quoting.Single(value)}\n");
            }
            else
            {
                await shell.WriteErrorAsync($"alias: {word} not found\n");
                status = 1;
            }
        }
        return status;
    }

    public static async ValueTask<int> UnaliasAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var status = 0;
        foreach (var word in words.Skip(1))
        {
            if (word == "-a") shell.State.Aliases.Clear();
            else if (!shell.State.Aliases.Remove(word))
            {
                await shell.WriteErrorAsync($"unalias: {word} not found\n");
                status = 1;
            }
        }
        return status;
    }

    public static async ValueTask<int> HelpAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var text = new StringBuilder("Built-in commands:\n------------------\n\t");
        text.AppendJoin(' ', BuiltinTable.Names).Append('\n');
        await shell.WriteAsync(1, text.ToString());
        return 0;
    }

    private static async ValueTask<int> DescribeAsync(Interpreter shell, string name, bool verbose)
    {
        string? text;
        if (shell.State.Aliases.TryGetValue(name, out var alias)) text = verbose ? $"{name} is an alias for {alias}" : $"alias {name}={Quoting.Single(alias)}";
        else if (Parser.IsReserved(name)) text = verbose ? $"{name} is a shell keyword" : name;
        else if (shell.State.Functions.ContainsKey(name)) text = verbose ? $"{name} is a function" : name;
        else if (BuiltinTable.Find(name) is { } builtin) text = verbose ? $"{name} is a {(builtin.IsSpecial ? "special " : "")}shell builtin" : name;
        else if (shell.LookUp(name) is { Fault: ExecutableFault.None, Path: { } path }) text = verbose ? $"{name} is {path}" : path;
        else text = null;
        if (text is not null) await shell.WriteAsync(1, text + "\n");
        else if (verbose) await shell.WriteAsync(1, $"{name}: not found\n");
        return text is null ? 127 : 0;
    }
}
