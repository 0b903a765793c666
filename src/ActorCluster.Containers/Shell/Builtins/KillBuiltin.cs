using System.Globalization;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Execution;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>kill, in the shell (with %job) and as a program.</summary>
internal static class KillBuiltin
{
    public static async ValueTask<int> RunAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var resolved = words.Select(w => w.StartsWith('%') ? Resolve(shell, w) : w).ToArray();
        var (output, errors, status) = Execute(resolved, shell.Context.Processes);
        await shell.WriteAsync(1, output);
        foreach (var error in errors) await shell.WriteErrorAsync($"{shell.State.Name}: {error}\n");
        return status;
    }

    private static string Resolve(Interpreter shell, string job) =>
        (shell.Jobs.Find(job) ?? throw new ShellFaultException($"{job}: no such job", 2)).Last.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Sends the signals.</summary>
    public static (string Output, IReadOnlyList<string> Errors, int Status) Execute(IReadOnlyList<string> words, IProcessTable processes)
    {
        var signal = Signals.Terminate;
        var i = 1;
        if (i < words.Count && words[i] is "-l" or "-L") return List([.. words.Skip(2)]);
        if (i < words.Count && words[i] is ['-', not '-', ..] option)
        {
            var name = option == "-s" || option == "-n" ? (++i < words.Count ? words[i] : "") : option[1..];
            if (Signals.Parse(name) is not { } parsed) return ("", [$"bad signal name '{name}'"], 1);
            signal = parsed;
            i++;
        }
        if (i < words.Count && words[i] == "--") i++;
        if (i >= words.Count) return ("", ["you need to specify whom to kill"], 1);
        var errors = new List<string>();
        foreach (var word in words.Skip(i))
        {
            if (!ControlBuiltins.TryNumber(word, out var id)) errors.Add($"invalid number '{word}'");
            else if (!processes.Signal(id, signal)) errors.Add(string.Create(CultureInfo.InvariantCulture, $"can't kill pid {id}: No such process"));
        }
        return ("", errors, errors.Count == 0 ? 0 : 1);
    }

    private static (string, IReadOnlyList<string>, int) List(string[] words)
    {
        if (words.Length == 0) return (string.Concat(Signals.All.Skip(1).Select((name, i) => $"{i + 1,2}) {name}\n")), [], 0);
        var output = "";
        foreach (var word in words)
        {
            if (!ControlBuiltins.TryNumber(word, out var number)) output += (Signals.Parse(word) is { } n ? n.ToString(CultureInfo.InvariantCulture) : word) + "\n";
            else output += ((number & 0x7f) < Signals.All.Count ? Signals.All[number & 0x7f] : word) + "\n";
        }
        return (output, [], 0);
    }
}
