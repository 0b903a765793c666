using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Builtins;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Execution;

internal sealed partial class Interpreter
{
    /// <summary>The status of the last command substitution, which is that of a command without a name.</summary>
    private int _substitutionStatus;

    private async ValueTask<int> ExecuteSimpleAsync(SimpleCommand command, bool last)
    {
        State.Line = command.Line;
        _substitutionStatus = 0;
        var words = await ExpandCommandAsync(command);
        var name = words.Count > 0 ? words[0] : null;
        var function = name is not null ? State.Functions.GetValueOrDefault(name) : null;
        var builtin = name is not null ? BuiltinTable.Find(name) : null;
        if (builtin is { IsSpecial: true }) function = null;

        var before = Files;
        var inside = command.Redirections.IsEmpty ? before : before.Clone();
        var keep = false;
        try
        {
            try
            {
                await Redirector.ApplyAsync(this, command.Redirections, inside);
            }
            catch (RedirectionException fault)
            {
                await WarnAsync(fault.Message);
                if (builtin is { IsSpecial: true } && function is null && !State.Options.Interactive) Flow = Flow.Exit;
                return CheckErrExit(1);
            }
            var values = new List<(string Name, string Value)>();
            foreach (var assignment in command.Assignments)
            {
                values.Add((assignment.Name, await Expander.TextAsync(assignment.Value, assignment: true)));
                // Without a command, each may use what those before it have set.
                if (name is null) State.Set(values[^1].Name, values[^1].Value);
            }
            if (State.Options.XTrace) await TraceAsync(values, words);

            if (name is null) return CheckErrExit(_substitutionStatus);
            Files = inside;
            if (function is null && builtin is null) return CheckErrExit(await RunProgramAsync(words, values, last));
            // exec's redirections stay, and so do a special builtin's assignments.
            keep = name == "exec" && function is null;
            return CheckErrExit(await RunHereAsync(builtin, function, words, values));
        }
        catch (ShellFaultException fault)
        {
            // Now, while the command's redirections hold.
            await ReportAsync(fault);
            throw;
        }
        finally
        {
            if (keep && !ReferenceEquals(inside, before))
            {
                Files = inside;
                before.CloseAll();
            }
            else
            {
                Files = before;
                if (!ReferenceEquals(inside, before)) inside.CloseAll();
            }
        }
    }

    private async ValueTask<List<string>> ExpandCommandAsync(SimpleCommand command)
    {
        // export and its like take assignments, which are not split.
        if (command.Words is [var first, ..] && first.Plain is "export" or "readonly" or "local" or "alias" && command.Words.Length > 1)
        {
            var words = new List<string> { first.Plain! };
            foreach (var word in command.Words.Skip(1))
            {
                if (word.Parts is [Literal { Quoted: false } start, ..] && start.Text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && Parser.IsName(start.Text[..equals]))
                    words.Add(await Expander.TextAsync(word, assignment: true));
                else words.AddRange(await Expander.ExpandAsync([word]));
            }
            return words;
        }
        return await Expander.ExpandAsync(command.Words);
    }

    private async ValueTask<int> RunHereAsync(Builtin? builtin, Node? function, List<string> words, List<(string Name, string Value)> values)
    {
        var permanent = function is null && builtin!.IsSpecial;
        var saved = permanent ? [] : values.ConvertAll(v => (v.Name, Old: State.Save(v.Name)));
        foreach (var (variable, value) in values)
        {
            State.Set(variable, value);
            if (!permanent) State.Mark(variable, exported: true);
        }
        try
        {
            return function is not null ? await CallFunctionAsync(function, words) : await CallBuiltinAsync(builtin!, words);
        }
        finally
        {
            foreach (var (variable, old) in saved) State.Restore(variable, old);
        }
    }

    public async ValueTask<int> CallBuiltinAsync(Builtin builtin, IReadOnlyList<string> words)
    {
        var before = RunningBuiltin;
        RunningBuiltin = words[0];
        try
        {
            return await builtin.Run(this, words);
        }
        catch (ShellFaultException fault)
        {
            fault.Builtin ??= words[0];
            if (builtin.IsSpecial) throw;
            await ReportAsync(fault);
            return fault.Status;
        }
        catch (IOException fault) when (fault is not BrokenPipeException || Context.Self!.Survives(Signals.Pipe))
        {
            await WriteErrorAsync($"{State.Name}: write error: {fault.Message}\n");
            return 1;
        }
        finally
        {
            RunningBuiltin = before;
        }
    }

    private async ValueTask<int> CallFunctionAsync(Node body, List<string> words)
    {
        if (++_depth > DepthLimit) throw new ShellFaultException("maximum function nesting level exceeded", 2);
        var positional = State.Positional;
        var loops = LoopDepth;
        State.Positional = words[1..];
        State.EnterFunction();
        LoopDepth = 0;
        try
        {
            var status = await ExecuteAsync(body);
            if (Flow == Flow.Return)
            {
                Flow = Flow.None;
                status = State.Status;
            }
            return status;
        }
        finally
        {
            _depth--;
            LoopDepth = loops;
            State.LeaveFunction();
            State.Positional = positional;
        }
    }

    /// <summary>Runs the commands of a text in this shell: eval, the dot command, traps.</summary>
    /// <param name="isInput">It is what the shell was started to read, which set -v prints.</param>
    public async ValueTask<int> RunTextAsync(string text, bool last = false, bool isInput = false)
    {
        if (++_depth > DepthLimit) throw new ShellFaultException("maximum nesting level exceeded", 2);
        try
        {
            var parser = new Parser(text, aliases: State.Aliases);
            var status = 0;
            var line = 0;
            while (Flow == Flow.None)
            {
                Node? node;
                try
                {
                    node = parser.NextCommand();
                }
                catch (ShellSyntaxException fault)
                {
                    State.Line = fault.Line;
                    throw new ShellFaultException(fault.Message, 2);
                }
                if (isInput && State.Options.Verbose) await EchoInputAsync(text, line, parser.Line - 1);
                line = parser.Line - 1;
                if (node is null) break;
                status = await ExecuteAsync(node, last && parser.NothingFollows);
            }
            return Flow == Flow.None ? status : State.Status;
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>Runs a file's commands in this shell; their errors name the file.</summary>
    public async ValueTask<int> RunFileAsync(string name, string text)
    {
        var (outer, builtin) = (Sourced, RunningBuiltin);
        (Sourced, RunningBuiltin) = (name, null);
        try
        {
            return await RunTextAsync(text);
        }
        catch (ShellFaultException fault)
        {
            await ReportAsync(fault);
            throw;
        }
        finally
        {
            (Sourced, RunningBuiltin) = (outer, builtin);
        }
    }

    /// <summary>set -v: the lines that were just read.</summary>
    private async ValueTask EchoInputAsync(string text, int from, int to)
    {
        var lines = text.Split('\n');
        for (var i = from; i < Math.Max(to, from + 1) && i < lines.Length; i++)
        {
            if (i < lines.Length - 1 || lines[i].Length > 0) await WriteErrorAsync(lines[i] + (i < lines.Length - 1 ? "\n" : ""));
        }
    }

    /// <summary>For the command builtin, which isn't to blame if there is no such program.</summary>
    public ValueTask<int> RunProgramAsync(IReadOnlyList<string> words)
    {
        RunningBuiltin = null;
        return RunProgramAsync(words, [], last: false);
    }

    /// <summary>Runs a program in a process of its own, or in this one's place when nothing comes after it.</summary>
    private async ValueTask<int> RunProgramAsync(IReadOnlyList<string> words, IReadOnlyList<(string Name, string Value)> values, bool last)
    {
        var environment = State.Environment();
        foreach (var (variable, value) in values)
        {
            if (State.Find(variable).ReadOnly) throw new ShellFaultException($"{variable}: is read only", 2);
            environment[variable] = value;
        }
        var spec = Specify(words, environment, values.Where(v => v.Name == "PATH").Select(v => v.Value).LastOrDefault());
        if (spec is null) return await ReportMissingAsync(words[0]);
        if (last && State.Traps.Count == 0 && !State.Options.Interactive && Jobs.Jobs.Count == 0) return await Context.Self!.ExecuteAsync(spec.Program!, spec);
        try
        {
            var process = Context.Processes.Start(spec with { Group = JobControl ? 0 : null });
            return await WaitForegroundAsync([process]);
        }
        catch (ProcessLimitException fault)
        {
            throw new ShellFaultException(fault.Message, 2);
        }
    }

    /// <summary>What to start, or null if there is no such program; <see cref="ReportMissingAsync"/> then says so.</summary>
    public ProcessSpec? Specify(IReadOnlyList<string> words, Dictionary<string, string> environment, string? path = null)
    {
        var found = LookUp(words[0], path);
        IProgram? program = found.Program;
        IReadOnlyList<string> arguments = found.Fault == ExecutableFault.None ? found.ArgumentsFor(words) : words;
        // A text file without "#!" is a script of this shell's (XCU 2.9.1.1).
        if (found.Fault == ExecutableFault.BadFormat && found.Path is { } script && IsText(script))
        {
            program = ShellProgram.Instance;
            arguments = [State.Name, found.Called ?? script, .. words.Skip(1)];
        }
        return program is null ? null : new(arguments, environment, State.WorkingDirectory, Files.Input(0), Files.Output(1), Files.Output(2), Context.Terminal) { Program = program, SetUser = found.SetUser, SetGroup = found.SetGroup };
    }

    public Executable LookUp(string name, string? path = null) =>
        ((ProcessView)Context.Processes).Table.Container.Executables.Find(name, path ?? State.Get("PATH") ?? "", State.WorkingDirectory);

    public async ValueTask<int> ReportMissingAsync(string name)
    {
        var found = LookUp(name);
        switch (found.Fault)
        {
            case ExecutableFault.PermissionDenied or ExecutableFault.NotAFile when name.Contains('/', StringComparison.Ordinal):
                await WarnAsync($"{name}: Permission denied");
                return 126;
            case ExecutableFault.NotFound when name.Length == 0:
                await WarnAsync(": Permission denied");
                return 127;
            case ExecutableFault.PermissionDenied:
                await WarnAsync($"{name}: Permission denied");
                return 126;
            case ExecutableFault.BadFormat:
                await WarnAsync($"{name}: Exec format error");
                return 126;
            default:
                await WarnAsync($"{name}: not found");
                return 127;
        }
    }

    private bool IsText(string path)
    {
        using var stream = Context.Files.Open(path, FileSystem.FileOpen.Read);
        var head = new byte[256];
        var count = stream.Read(head, 0, head.Length);
        return !head.AsSpan(0, count).Contains((byte)0) && (count == 0 || head[0] != 0x7f);
    }

    private async ValueTask TraceAsync(List<(string Name, string Value)> values, List<string> words)
    {
        var prompt = State.Get("PS4") ?? "+ ";
        var items = values.Select(v => $"{v.Name}={Quoting.ForTrace(v.Value)}").Concat(words.Select(Quoting.ForTrace));
        await WriteErrorAsync($"{prompt}{string.Join(' ', items)}\n");
    }
}
