using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Builtins;
using ActorCluster.Containers.Shell.Expansion;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Execution;

/// <summary>What leaves the commands in between unexecuted.</summary>
internal enum Flow
{
    None,
    Break,
    Continue,
    Return,
    Exit,
}

/// <summary>Runs commands in one shell process. This part: control flow; the others: simple commands, pipelines and signals.</summary>
internal sealed partial class Interpreter
{
    private const int CommandsBetweenYields = 100;

    /// <summary>Nested functions, evals and substitutions: bounded memory instead of a stack overflow.</summary>
    private const int DepthLimit = 1000;

    private int _executed;
    private int _depth;
    private int _tested;

    public Interpreter(ShellState state, ProcessContext context, FileDescriptors files)
    {
        (State, Context, Files) = (state, context, files);
        Expander = new Expander(this);
    }

    public ShellState State { get; }
    public ProcessContext Context { get; }
    public FileDescriptors Files { get; private set; }
    public Expander Expander { get; }
    public JobTable Jobs { get; private set; } = new();

    public Flow Flow { get; set; }

    /// <summary>How many loops break and continue still have to leave.</summary>
    public int FlowDepth { get; set; }

    public int LoopDepth { get; private set; }

    /// <summary>The builtin that runs, for the wording of its errors.</summary>
    public string? RunningBuiltin { get; private set; }

    /// <summary>Whether the shell runs a file, whose errors carry the line's number.</summary>
    public bool IsScript { get; set; }

    /// <summary>The file that the dot command runs.</summary>
    public string? Sourced { get; private set; }

    private CancellationToken Killed => Context.Killed;

    public string Absolute(string path) => path.StartsWith('/') ? path : State.WorkingDirectory.TrimEnd('/') + "/" + path;

    public async ValueTask WriteAsync(int descriptor, string text) => await WriteAsync(descriptor, Encoding.UTF8.GetBytes(text));

    public async ValueTask WriteAsync(int descriptor, ReadOnlyMemory<byte> data)
    {
        if (data.Length == 0) return;
        ThrowIfEnded();
        await Files.Output(descriptor).WriteAsync(data, Killed);
    }

    /// <summary>Says what is wrong, as ash does: "sh: ", the builtin, the line where there is a file.</summary>
    public async ValueTask WarnAsync(string message, string? builtin = null)
    {
        builtin ??= RunningBuiltin;
        var text = new StringBuilder(State.Name).Append(": ");
        if ((builtin ?? Sourced) is { } blamed) text.Append(blamed).Append(": ");
        var inFile = IsScript || Sourced is not null;
        if ((builtin is not null || inFile) && !State.Options.Interactive) text.Append("line ").Append(inFile ? State.Line : Math.Max(0, State.Line - 1)).Append(": ");
        await WriteErrorAsync(text.Append(message).Append('\n').ToString());
    }

    /// <summary>The message of an error that ends the shell, once.</summary>
    public async ValueTask ReportAsync(ShellFaultException fault)
    {
        if (fault.Reported) return;
        fault.Reported = true;
        await WarnAsync(fault.Message, fault.Builtin);
    }

    /// <summary>To stderr; a shell whose stderr is closed says nothing.</summary>
    public async ValueTask WriteErrorAsync(string text)
    {
        try
        {
            await WriteAsync(2, text);
        }
        catch (IOException fault) when (fault is not BrokenPipeException)
        {
            ThrowIfEnded();
        }
    }

    /// <summary>A killed shell does nothing more, even before its token is cancelled.</summary>
    private void ThrowIfEnded() => Context.Self!.ThrowIfEnded();

    /// <summary>Runs one command and sets $?.</summary>
    /// <param name="last">Nothing comes after it in this process: it may take the process's place.</param>
    public async ValueTask<int> ExecuteAsync(Node node, bool last = false)
    {
        ThrowIfEnded();
        if (_interrupted && State.Options.Interactive) throw new ShellInterruptException();
        if (++_executed % CommandsBetweenYields == 0 || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack()) await Task.Yield();
        if (State.Options.NoExec) return 0;
        var status = node switch
        {
            SimpleCommand simple => await ExecuteSimpleAsync(simple, last),
            Pipeline pipeline => await ExecutePipelineAsync(pipeline),
            AndOrList list => await ExecuteAndOrAsync(list, last),
            Sequence sequence => await ExecuteSequenceAsync(sequence, last),
            Group group => await ExecuteAsync(group.Body, last),
            Subshell subshell => await ExecuteSubshellAsync(subshell),
            IfCommand conditional => await ExecuteIfAsync(conditional, last),
            LoopCommand loop => await ExecuteLoopAsync(loop),
            ForCommand loop => await ExecuteForAsync(loop),
            CaseCommand command => await ExecuteCaseAsync(command),
            FunctionDefinition function => Define(function),
            ConditionalCommand conditional => await ExecuteConditionalAsync(conditional),
            Redirected redirected => await ExecuteRedirectedAsync(redirected),
            _ => throw new InvalidOperationException($"Unknown command: {node.GetType().Name}."),
        };
        State.Status = status;
        await RunTrapsAsync();
        return State.Status;
    }

    /// <summary>Runs a command whose failure is a question answered, not an error for set -e.</summary>
    private async ValueTask<int> TestAsync(Node node)
    {
        _tested++;
        try
        {
            return await ExecuteAsync(node);
        }
        finally
        {
            _tested--;
        }
    }

    /// <summary>set -e: a failed command ends the shell, unless its status is tested.</summary>
    private int CheckErrExit(int status)
    {
        if (status != 0 && State.Options.ErrExit && _tested == 0 && Flow == Flow.None) Flow = Flow.Exit;
        return status;
    }

    private async ValueTask<int> ExecuteSequenceAsync(Sequence sequence, bool last)
    {
        var status = 0;
        for (var i = 0; i < sequence.Items.Length && Flow == Flow.None; i++)
        {
            var item = sequence.Items[i];
            status = item.Background ? await StartBackgroundAsync(item) : await ExecuteAsync(item.Command, last && i == sequence.Items.Length - 1);
            State.Status = status;
        }
        return State.Status;
    }

    private async ValueTask<int> ExecuteAndOrAsync(AndOrList list, bool last)
    {
        var status = await (list.Rest.Length > 0 ? TestAsync(list.First) : ExecuteAsync(list.First));
        for (var i = 0; i < list.Rest.Length && Flow == Flow.None; i++)
        {
            var (and, command) = list.Rest[i];
            if (and != (status == 0)) continue;
            var final = i == list.Rest.Length - 1;
            status = final ? await ExecuteAsync(command, last) : await TestAsync(command);
        }
        return status;
    }

    private async ValueTask<int> ExecuteIfAsync(IfCommand command, bool last)
    {
        foreach (var (condition, body) in command.Branches)
        {
            var status = await TestAsync(condition);
            if (Flow != Flow.None) return status;
            if (status == 0) return await ExecuteAsync(body, last);
        }
        return command.Else is null ? 0 : await ExecuteAsync(command.Else, last);
    }

    private async ValueTask<int> ExecuteLoopAsync(LoopCommand loop)
    {
        var status = 0;
        LoopDepth++;
        while (true)
        {
            var condition = await TestAsync(loop.Condition);
            if (Flow == Flow.None && condition == 0 == !loop.Until) status = await ExecuteAsync(loop.Body);
            else if (Flow == Flow.None) break;
            if (!GoesOn()) break;
        }
        LoopDepth--;
        return Flow is Flow.Return or Flow.Exit ? State.Status : status;
    }

    private async ValueTask<int> ExecuteForAsync(ForCommand loop)
    {
        var words = loop.Words is { } given ? await Expander.ExpandAsync(given) : [.. State.Positional];
        var status = 0;
        LoopDepth++;
        foreach (var word in words)
        {
            State.Set(loop.Variable, word);
            status = await ExecuteAsync(loop.Body);
            if (!GoesOn()) break;
        }
        LoopDepth--;
        return status;
    }

    /// <summary>Whether a loop goes on after its body: settles break and continue that end here.</summary>
    private bool GoesOn()
    {
        if (Flow is Flow.None) return true;
        if (Flow is not (Flow.Break or Flow.Continue)) return false;
        if (--FlowDepth > 0) return false;
        var goesOn = Flow == Flow.Continue;
        Flow = Flow.None;
        return goesOn;
    }

    private async ValueTask<int> ExecuteCaseAsync(CaseCommand command)
    {
        var subject = await Expander.TextAsync(command.Subject);
        for (var i = 0; i < command.Branches.Length; i++)
        {
            foreach (var pattern in command.Branches[i].Patterns)
            {
                if (!new ShellPattern(await Expander.PatternAsync(pattern)).Matches(subject)) continue;
                var status = 0;
                for (; i < command.Branches.Length; i++)
                {
                    status = command.Branches[i].Body is { } body ? await ExecuteAsync(body) : 0;
                    if (!command.Branches[i].FallThrough || Flow != Flow.None) break;
                }
                return status;
            }
        }
        return 0;
    }

    private int Define(FunctionDefinition function)
    {
        State.Functions[function.Name] = function.Body;
        return 0;
    }

    private async ValueTask<int> ExecuteConditionalAsync(ConditionalCommand command) =>
        CheckErrExit(await Conditional.EvaluateAsync(this, command.Words));

    private async ValueTask<int> ExecuteRedirectedAsync(Redirected command)
    {
        var before = Files;
        var inside = before.Clone();
        try
        {
            try
            {
                await Redirector.ApplyAsync(this, command.Redirections, inside);
            }
            catch (RedirectionException fault)
            {
                await WarnAsync(fault.Message);
                return CheckErrExit(1);
            }
            Files = inside;
            return await ExecuteAsync(command.Command);
        }
        catch (ShellFaultException fault)
        {
            await ReportAsync(fault);
            throw;
        }
        finally
        {
            Files = before;
            inside.CloseAll();
        }
    }
}
