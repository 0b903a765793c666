using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Expansion;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Execution;

internal sealed partial class Interpreter
{
    /// <summary>Whether each job gets a process group of its own, so that ^C reaches it and not the shell.</summary>
    private bool JobControl => State.Options.Interactive && Context.Terminal is not null;

    private async ValueTask<int> ExecuteSubshellAsync(Subshell subshell)
    {
        var process = Fork(subshell.Body, Files, JobControl ? 0 : null);
        return CheckErrExit(await WaitForegroundAsync([process]));
    }

    private async ValueTask<int> ExecutePipelineAsync(Pipeline pipeline)
    {
        int status;
        if (pipeline.Commands.Length == 1)
        {
            status = pipeline.Negated ? await TestAsync(pipeline.Commands[0]) : await ExecuteAsync(pipeline.Commands[0]);
        }
        else
        {
            status = await WaitForegroundAsync(StartPipeline(pipeline.Commands));
        }
        // The status of a negated pipeline never ends the shell.
        return pipeline.Negated ? (status == 0 ? 1 : 0) : CheckErrExit(status);
    }

    private List<IProcess> StartPipeline(IReadOnlyList<Node> commands, bool background = false)
    {
        var processes = new List<IProcess>();
        OpenFile? input = null;
        int? group = JobControl ? 0 : null;
        for (var i = 0; i < commands.Count; i++)
        {
            var pipe = i < commands.Count - 1 ? new Pipe() : null;
            var files = Files.Clone();
            try
            {
                if (input is not null) files.Set(0, input);
                else if (background) SetEmptyInput(files);
                if (pipe is not null) files.Set(1, new(null, pipe.Writer));
                processes.Add(Fork(commands[i], files, group));
                if (group == 0) group = processes[0].ProcessId;
            }
            finally
            {
                files.CloseAll();
                input?.Release();
                (pipe?.Writer as ISharedStream)?.Release();
                input = pipe is null ? null : new(pipe.Reader, null);
            }
        }
        return processes;
    }

    private ValueTask<int> StartBackgroundAsync(SequenceItem item)
    {
        var commands = item.Command is Pipeline { Negated: false } pipeline ? (IReadOnlyList<Node>)pipeline.Commands : [item.Command];
        var processes = StartPipeline(commands, background: !JobControl);
        Jobs.Trim(keep: 64);
        var job = Jobs.Add(processes, item.Text);
        State.LastBackground = job.Last.ProcessId;
        return new(0);
    }

    /// <summary>XCU 2.9.3.1: without job control, a background command reads /dev/null.</summary>
    private static void SetEmptyInput(FileDescriptors files) => files.Set(0, new(EmptyInput.Instance, null));

    /// <summary>Starts a subshell on a copy of this shell's state and descriptors.</summary>
    private IProcess Fork(Node body, FileDescriptors files, int? group, bool substitution = false)
    {
        var (state, copy) = (State.Fork(), files.Clone());
        // As in ash and bash, and unlike dash: a failed command does not end a substitution.
        if (substitution) state.Options.TrySet("errexit", false);
        // "jobs | cat" lists the jobs of the shell that it was written in.
        var jobs = body is SimpleCommand { Words: [var name, ..] } && name.Plain == "jobs" ? Jobs : null;
        try
        {
            return Context.Processes.Start(new(
                Context.Self?.Arguments ?? Context.Arguments, Context.Environment, State.WorkingDirectory, files.Input(0), files.Output(1), files.Output(2), Context.Terminal)
            {
                Program = new SubshellProgram(state, copy, body, shell => shell.InheritFrom(this, jobs)),
                Group = group,
            });
        }
        catch (ProcessLimitException fault)
        {
            copy.CloseAll();
            throw new ShellFaultException(fault.Message, 2);
        }
    }

    /// <summary>Runs a command substitution; its output without NULs and trailing newlines.</summary>
    public async ValueTask<string> CaptureAsync(Node? body)
    {
        _substitutionStatus = 0;
        if (body is null) return "";
        if (_depth > DepthLimit) throw new ShellFaultException("maximum nesting level exceeded", 2);
        var pipe = new Pipe();
        var files = Files.Clone();
        var output = new MemoryStream();
        try
        {
            IProcess process;
            try
            {
                files.Set(1, new(null, pipe.Writer));
                process = Fork(body, files, null, substitution: true);
            }
            finally
            {
                files.CloseAll();
                ((ISharedStream)pipe.Writer).Release();
            }
            var buffer = new byte[4096];
            int count;
            while ((count = await pipe.Reader.ReadAsync(buffer, Killed)) > 0)
            {
                output.Write(buffer, 0, count);
                if (output.Length > Expander.TextLimit) throw new ShellFaultException("out of memory", 2);
            }
            _substitutionStatus = await process.Exit.WaitAsync(Killed);
            State.Status = _substitutionStatus;
        }
        finally
        {
            ((ISharedStream)pipe.Reader).Release();
        }
        var text = Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length);
        return text.Replace("\0", "", StringComparison.Ordinal).TrimEnd('\n');
    }

    /// <summary>Waits for a pipeline. Its status is the last one's, or with pipefail that of the last that failed.</summary>
    public async ValueTask<int> WaitForegroundAsync(IReadOnlyList<IProcess> processes)
    {
        if (JobControl) Context.Terminal!.ForegroundGroup = ((Process)processes[0]).Group;
        var status = 0;
        foreach (var process in processes)
        {
            var code = await process.Exit.WaitAsync(Killed);
            if (code != 0 || !State.Options.PipeFail) status = code;
        }
        if (JobControl) Context.Terminal!.ForegroundGroup = Context.Self!.Group;
        await ReportSignalAsync((Process)processes[^1]);
        return status;
    }

    /// <summary>"Terminated" and the like, for a program that a signal ended.</summary>
    public async ValueTask ReportSignalAsync(Process process)
    {
        if (process.EndingSignal is 0 or Signals.Pipe) return;
        await WriteErrorAsync(process.EndingSignal == Signals.Interrupt ? (State.Options.Interactive ? "\n" : "") : Signals.Describe(process.EndingSignal) + "\n");
    }
}

/// <summary>A subshell's process: commands on a copy of the shell that started it.</summary>
internal sealed class SubshellProgram(ShellState state, FileDescriptors files, Node body, Action<Interpreter> prepare) : IProgram
{
    public async Task<int> RunAsync(ProcessContext context)
    {
        try
        {
            var shell = new Interpreter(state, context, files);
            prepare(shell);
            return await shell.RunAsync(() => shell.ExecuteAsync(body, last: true));
        }
        finally
        {
            files.CloseAll();
        }
    }
}
