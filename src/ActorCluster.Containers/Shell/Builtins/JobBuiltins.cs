using System.Globalization;
using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Execution;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>trap, wait, jobs, fg, bg, times.</summary>
internal static class JobBuiltins
{
    public static async ValueTask<int> TrapAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var arguments = words.Skip(1).Where((w, i) => !(i == 0 && w == "--")).ToArray();
        if (arguments.Length == 0 || arguments is ["-p"])
        {
            await shell.WriteAsync(1, string.Concat(shell.State.Traps.OrderBy(t => t.Key).Select(t => $"trap -- {Quoting.Single(t.Value)} {Name(t.Key)}\n")));
            return 0;
        }
        if (arguments is ["-l"])
        {
            await shell.WriteAsync(1, string.Concat(Signals.All.Skip(1).Select((name, i) => $"{i + 1,2}) {name}\n")));
            return 0;
        }
        // A first operand that is a number (or the only one) resets the signals named.
        var reset = arguments.Length == 1 || (arguments[0].Length > 0 && arguments[0].All(char.IsAsciiDigit));
        var action = reset || arguments[0] == "-" ? null : arguments[0];
        var status = 0;
        foreach (var name in arguments.Skip(reset ? 0 : 1))
        {
            if (Signals.Parse(name) is { } signal)
            {
                shell.SetTrap(signal, action);
                continue;
            }
            await shell.WarnAsync($"{name}: invalid signal specification");
            status = 1;
        }
        return status;
    }

    public static async ValueTask<int> WaitAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words.Count == 1)
        {
            foreach (var job in shell.Jobs.Jobs.ToArray())
            {
                if (await WaitForAsync(shell, job) is { } interrupted) return interrupted;
            }
            return 0;
        }
        var status = 0;
        foreach (var word in words.Skip(1))
        {
            if (shell.Jobs.Find(word) is not { } job)
            {
                if (!word.StartsWith('%') && !ControlBuiltins.TryNumber(word, out _)) throw new ShellFaultException($"Illegal number: {word}", 2);
                if (word.StartsWith('%')) throw new ShellFaultException($"{word}: no such job", 2);
                status = 127;
                continue;
            }
            if (await WaitForAsync(shell, job) is { } interrupted) return interrupted;
            status = await job.Last.Exit;
            await shell.ReportSignalAsync((Process)job.Last);
            // As in ash: its status can be asked for once more.
            if (word.StartsWith('%')) shell.Jobs.Remove(job);
        }
        return status;
    }

    public static async ValueTask<int> JobsAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var text = new StringBuilder();
        foreach (var job in shell.Jobs.Jobs.ToArray())
        {
            if (words is [_, "-p"]) text.Append(job.Last.ProcessId).Append('\n');
            else text.Append(await DescribeAsync(shell, job));
            if (!job.IsRunning) shell.Jobs.Remove(job);
        }
        await shell.WriteAsync(1, text.ToString());
        return 0;
    }

    public static async ValueTask<int> ForegroundAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var job = shell.Jobs.Find(words.Count > 1 ? words[1] : "%%") ?? throw new ShellFaultException(words.Count > 1 ? $"{words[1]}: no such job" : "No current job", 2);
        await shell.WriteAsync(1, job.Text + "\n");
        shell.Jobs.Remove(job);
        return await shell.WaitForegroundAsync(job.Processes);
    }

    public static async ValueTask<int> BackgroundAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var job = shell.Jobs.Find(words.Count > 1 ? words[1] : "%%") ?? throw new ShellFaultException(words.Count > 1 ? $"{words[1]}: no such job" : "No current job", 2);
        await shell.WriteAsync(1, string.Create(CultureInfo.InvariantCulture, $"[{job.Number}] {job.Text}\n"));
        return 0;
    }

    public static async ValueTask<int> TimesAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        // Emulated programs have no processor time of their own to account for.
        await shell.WriteAsync(1, "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
        return 0;
    }

    public static async ValueTask<string> DescribeAsync(Interpreter shell, Job job)
    {
        var state = "Running";
        if (!job.IsRunning)
        {
            var code = await job.Last.Exit;
            state = ((Process)job.Last).EndingSignal is > 0 and var signal ? Signals.Describe(signal) : code == 0 ? "Done" : string.Create(CultureInfo.InvariantCulture, $"Done({code})");
        }
        var mark = job == shell.Jobs.Jobs[^1] ? '+' : shell.Jobs.Jobs.Count > 1 && job == shell.Jobs.Jobs[^2] ? '-' : ' ';
        return string.Create(CultureInfo.InvariantCulture, $"[{job.Number}]{mark}  {state,-26} {(shell.State.Options.Interactive ? job.Text : "")}\n");
    }

    /// <returns>Null when it has ended; 128 + n when a trapped signal came first.</returns>
    private static async ValueTask<int?> WaitForAsync(Interpreter shell, Job job)
    {
        var exits = Task.WhenAll(job.Processes.Select(p => p.Exit));
        while (!exits.IsCompleted)
        {
            if (shell.PendingSignal is > 0 and var pending) return 128 + pending;
            await Task.WhenAny(exits, shell.Signalled).WaitAsync(shell.Context.Killed);
            if (!exits.IsCompleted && shell.PendingSignal is > 0 and var signal) return 128 + signal;
        }
        return null;
    }

    private static string Name(int signal) => signal < Signals.All.Count ? Signals.All[signal] : signal.ToString(CultureInfo.InvariantCulture);
}
