using System.Collections.Concurrent;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Shell.Execution;

/// <summary>The user pressed ^C.</summary>
internal sealed class ShellInterruptException : Exception;

internal sealed partial class Interpreter
{
    private readonly ConcurrentQueue<int> _signals = new();
    private TaskCompletionSource _signalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _inTrap;
    private volatile bool _interrupted;

    /// <summary>Completes at the next signal that has a trap: what interrupts wait.</summary>
    public Task Signalled => _signalled.Task;

    /// <summary>The signal that completed it.</summary>
    public int PendingSignal => _signals.TryPeek(out var signal) ? signal : 0;

    /// <summary>Makes this the subshell of another.</summary>
    /// <param name="jobs">The other's jobs, if they are to be listed here.</param>
    public void InheritFrom(Interpreter parent, JobTable? jobs)
    {
        (_depth, _tested, LoopDepth) = (parent._depth + 1, parent._tested, parent.LoopDepth);
        (IsScript, Sourced) = (parent.IsScript, parent.Sourced);
        if (jobs is not null) Jobs = jobs;
    }

    /// <param name="action">Null: the default; "": ignore.</param>
    public void SetTrap(int signal, string? action)
    {
        if (action is null) State.Traps.Remove(signal);
        else State.Traps[signal] = action;
        if (signal == 0) return;
        if (action is null) Context.Signals.Reset(signal);
        else if (action.Length == 0) Context.Signals.Handle(signal, null);
        else Context.Signals.Handle(signal, () => OnSignal(signal));
    }

    public void OnSignal(int signal)
    {
        _signals.Enqueue(signal);
        Volatile.Read(ref _signalled).TrySetResult();
    }

    /// <summary>^C in an interactive shell: back to the prompt.</summary>
    public void Interrupt()
    {
        _interrupted = true;
        if (State.Traps.ContainsKey(Signals.Interrupt)) OnSignal(Signals.Interrupt);
    }

    public void ClearInterrupt() => _interrupted = false;

    /// <summary>Runs a whole shell: its commands, what is left of an error, and the EXIT trap.</summary>
    public async Task<int> RunAsync(Func<ValueTask<int>> commands)
    {
        var status = await GuardAsync(commands);
        if (State.Traps.Remove(0, out var onExit) && onExit.Length > 0)
        {
            State.Status = status;
            var exits = Flow == Flow.Exit;
            Flow = Flow.None;
            var trapped = await GuardAsync(() => RunTextAsync(onExit));
            if (Flow == Flow.Exit && !(exits && trapped == status)) status = State.Status;
        }
        return status;
    }

    /// <summary>Turns an error that ends a shell into its message and status.</summary>
    public async ValueTask<int> GuardAsync(Func<ValueTask<int>> commands)
    {
        try
        {
            var status = await commands();
            return Flow is Flow.Exit or Flow.Return ? State.Status : status;
        }
        catch (ShellFaultException fault)
        {
            await ReportAsync(fault);
            (State.Status, Flow) = (fault.Status, Flow.Exit);
            return fault.Status;
        }
    }

    private async ValueTask RunTrapsAsync()
    {
        if (_signals.IsEmpty || _inTrap) return;
        Interlocked.Exchange(ref _signalled, new(TaskCreationOptions.RunContinuationsAsynchronously));
        _inTrap = true;
        try
        {
            while (_signals.TryDequeue(out var signal))
            {
                if (!State.Traps.TryGetValue(signal, out var action) || action.Length == 0) continue;
                var (status, flow, depth) = (State.Status, Flow, FlowDepth);
                Flow = Flow.None;
                await RunTextAsync(action);
                if (Flow == Flow.Exit) return;
                (State.Status, Flow, FlowDepth) = (status, flow, depth);
            }
        }
        finally
        {
            _inTrap = false;
        }
    }
}
