using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>export, readonly, local, set, shift, unset, let.</summary>
internal static class VariableBuiltins
{
    public static ValueTask<int> ExportAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words is [_, "-n", ..])
        {
            foreach (var name in words.Skip(2)) shell.State.Unexport(name);
            return new(0);
        }
        return MarkAsync(shell, words, v => v.Exported, name => shell.State.Mark(name, exported: true));
    }

    public static ValueTask<int> ReadOnlyAsync(Interpreter shell, IReadOnlyList<string> words) =>
        MarkAsync(shell, words, v => v.ReadOnly, name => shell.State.Mark(name, readOnly: true));

    public static ValueTask<int> LocalAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (!shell.State.InFunction) throw new ShellFaultException("not in a function", 2);
        foreach (var word in words.Skip(1))
        {
            var (name, value) = Split(word);
            shell.State.MakeLocal(name);
            if (value is not null) shell.State.Set(name, value);
            else shell.State.Unset(name);
        }
        return new(0);
    }

    public static async ValueTask<int> SetAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var status = 0;
        if (words.Count == 1)
        {
            await shell.WriteAsync(1, string.Concat(shell.State.Variables.Where(v => v.Value.Value is not null).Select(v => $"{v.Key}={Quoting.Single(v.Value.Value!)}\n")));
            return 0;
        }
        var i = 1;
        for (; i < words.Count; i++)
        {
            var word = words[i];
            if (word is "--" or "-")
            {
                if (word == "--") shell.State.Positional = [];
                i++;
                break;
            }
            if (word.Length < 2 || word[0] is not ('-' or '+')) break;
            var on = word[0] == '-';
            foreach (var letter in word.Skip(1))
            {
                if (letter == 'o')
                {
                    if (i + 1 >= words.Count) await ListOptionsAsync(shell, on);
                    else if (!shell.State.Options.TrySet(words[++i], on))
                    {
                        await shell.WarnAsync($"illegal option {word[0]}o {words[i]}");
                        status = 1;
                    }
                }
                else if (letter is 'i' or 's' || !shell.State.Options.TrySet(letter, on))
                {
                    throw new ShellFaultException($"illegal option {word[0]}{letter}", 2);
                }
            }
        }
        if (i < words.Count) shell.State.Positional = [.. words.Skip(i)];
        return status;
    }

    public static async ValueTask<int> ShiftAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var count = 1;
        if (words.Count > 1 && (!ControlBuiltins.TryNumber(words[1], out count) || count < 0)) throw new ShellFaultException($"Illegal number: {words[1]}", 2);
        await ValueTask.CompletedTask;
        if (count > shell.State.Positional.Count) return 1;
        shell.State.Positional = shell.State.Positional[count..];
        return 0;
    }

    public static ValueTask<int> UnsetAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var functions = false;
        foreach (var word in words.Skip(1))
        {
            switch (word)
            {
                case "-f": functions = true; break;
                case "-v": functions = false; break;
                case var name when functions: shell.State.Functions.Remove(name); break;
                case var name when !Parser.IsName(name): throw new ShellFaultException($"{name}: bad variable name", 2);
                default: shell.State.Unset(word); break;
            }
        }
        return new(0);
    }

    public static ValueTask<int> LetAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words.Count < 2) throw new ShellFaultException("expression expected", 2);
        var value = 0L;
        foreach (var word in words.Skip(1)) value = shell.Expander.Calculate(word);
        return new(value == 0 ? 1 : 0);
    }

    private static async ValueTask<int> MarkAsync(Interpreter shell, IReadOnlyList<string> words, Func<Variable, bool> has, Action<string> mark)
    {
        if (words.Count == 1 || words[1] == "-p")
        {
            var lines = shell.State.Variables.Where(v => has(v.Value))
                .Select(v => v.Value.Value is { } value ? $"{words[0]} {v.Key}={Quoting.Single(value)}\n" : $"{words[0]} {v.Key}\n");
            await shell.WriteAsync(1, string.Concat(lines));
            return 0;
        }
        foreach (var word in words.Skip(1))
        {
            if (word == "--") continue;
            var (name, value) = Split(word);
            if (value is not null) shell.State.Set(name, value);
            mark(name);
        }
        return 0;
    }

    private static async ValueTask ListOptionsAsync(Interpreter shell, bool readable)
    {
        var options = ShellOptions.All.Where(o => o.Name is not ("interactive" or "stdin"));
        await shell.WriteAsync(1, string.Concat(options.Select(o => readable
            ? $"{o.Name,-15} {(shell.State.Options.IsOn(o.Name) ? "on" : "off")}\n"
            : $"set {(shell.State.Options.IsOn(o.Name) ? "-" : "+")}o {o.Name}\n")));
    }

    private static (string Name, string? Value) Split(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        if (!Parser.IsName(name)) throw new ShellFaultException($"{name}: bad variable name", 2);
        return (name, equals < 0 ? null : word[(equals + 1)..]);
    }
}
