using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Builtins;
using ActorCluster.Containers.Shell.Execution;

namespace ActorCluster.Containers.Shell;

/// <summary>sh: busybox's ash, by POSIX's Shell Command Language.</summary>
internal sealed class ShellProgram : IProgram
{
    public static readonly ShellProgram Instance = new();

    public async Task<int> RunAsync(ProcessContext context)
    {
        var options = new ShellOptions();
        var words = context.Arguments;
        string? command = null;
        var i = 1;
        for (; i < words.Count && words[i].Length > 1 && words[i][0] is '-' or '+'; i++)
        {
            if (words[i] is "--" or "-")
            {
                i++;
                break;
            }
            if (words[i].StartsWith("--", StringComparison.Ordinal)) continue;
            var on = words[i][0] == '-';
            foreach (var letter in words[i][1..])
            {
                if (letter == 'c')
                {
                    command = "";
                }
                else if (letter == 'o' && i + 1 < words.Count)
                {
                    if (!options.TrySet(words[++i], on)) return await FailAsync(context, $"illegal option {(on ? '-' : '+')}o {words[i]}");
                }
                else if (letter != 'l' && !options.TrySet(letter, on))
                {
                    return await FailAsync(context, $"illegal option -{letter}");
                }
            }
        }
        if (command is not null && i >= words.Count) return await FailAsync(context, "-c requires an argument");
        if (command is not null) command = words[i++];
        var script = command is null && i < words.Count && !options.IsOn("stdin") ? words[i++] : null;
        if (command is null && script is null)
        {
            options.TrySet("stdin", true);
            if (ProcessContext.IsTerminal(context.Stdin) && ProcessContext.IsTerminal(context.Stderr)) options.TrySet("interactive", true);
        }

        var state = CreateState(context, options);
        if (command is not null && i < words.Count) state.Name = words[i++];
        else if (script is not null) state.Name = script;
        state.Positional = [.. words.Skip(i)];
        var files = new FileDescriptors(context);
        try
        {
            var shell = new Interpreter(state, context, files) { IsScript = script is not null };
            if (script is null && command is null) return await new ShellSession(shell).RunAsync();
            if (script is not null)
            {
                if (ReadScript(context, script) is not { } text) return await FailAsync(context, $"can't open '{script}': No such file or directory");
                command = text;
            }
            return await shell.RunAsync(() => shell.RunTextAsync(command!, last: true, isInput: script is not null));
        }
        finally
        {
            files.CloseAll();
        }
    }

    private static ShellState CreateState(ProcessContext context, ShellOptions options)
    {
        var state = new ShellState(context.Simulation.Random.Child(string.Create(CultureInfo.InvariantCulture, $"sh-{context.ProcessId}")))
        {
            Options = options,
            Name = context.Arguments[0],
            ProcessId = context.ProcessId,
            ParentId = context.Self!.ParentId,
            WorkingDirectory = FileBuiltins.Normalize(context.WorkingDirectory),
        };
        state.Set("IFS", " \t\n");
        state.Set("OPTIND", "1");
        state.Set("PATH", "/sbin:/usr/sbin:/bin:/usr/bin");
        state.Set("PPID", state.ParentId.ToString(CultureInfo.InvariantCulture));
        state.Set("PS1", "\\w \\$ ");
        state.Set("PS2", "> ");
        state.Set("PS4", "+ ");
        foreach (var (name, value) in context.Environment)
        {
            // Names that no script could say (envFrom of a key `a-b`) are kept for the programs that it starts, as busybox's shell does. A shell's IFS is never inherited.
            if (name is "IFS" or "OPTIND" or "PPID") continue;
            state.Set(name, value);
            state.Mark(name, exported: true);
        }
        state.Set("PWD", state.WorkingDirectory);
        state.Mark("PWD", exported: true);
        var level = int.TryParse(state.Get("SHLVL"), NumberStyles.None, CultureInfo.InvariantCulture, out var outer) ? outer + 1 : 1;
        state.Set("SHLVL", level.ToString(CultureInfo.InvariantCulture));
        state.Mark("SHLVL", exported: true);
        return state;
    }

    private static string? ReadScript(ProcessContext context, string name)
    {
        try
        {
            var path = name.StartsWith('/') ? name : context.WorkingDirectory.TrimEnd('/') + "/" + name;
            using var reader = new StreamReader(context.Files.Open(path, FileOpen.Read), Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (FileFaultException)
        {
            return null;
        }
    }

    private static async Task<int> FailAsync(ProcessContext context, string message)
    {
        await context.Stderr.WriteAsync(Encoding.UTF8.GetBytes($"{context.Arguments[0]}: {message}\n"), context.Killed);
        return 2;
    }
}
