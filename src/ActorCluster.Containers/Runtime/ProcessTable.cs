using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Containers.Runtime;

/// <summary>No further process may be started (EAGAIN of fork(2)).</summary>
internal sealed class ProcessLimitException() : IOException("can't fork: Resource temporarily unavailable");

/// <summary>The PID space of one container. It ends with PID 1.</summary>
internal sealed class ProcessTable(Container container, SimulationContext simulation)
{
    /// <summary>More than any manifest needs, few enough that a fork bomb harms only its own container.</summary>
    private const int Limit = 1024;

    private const int LargestProcessId = 32768;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, Process> _processes = [];
    private bool _closed;

    public Container Container => container;
    public SimulationContext Simulation => simulation;
    public int LastProcessId { get; private set; }

    /// <exception cref="ProgramNotFoundException">argv[0] is no program.</exception>
    public Process Start(ProcessSpec spec, int parentId)
    {
        var program = spec.Program;
        if (program is null)
        {
            if (spec.Arguments.Count == 0) throw new ProgramNotFoundException("", "exec: no command");
            var found = container.Executables.Find(spec.Path ?? spec.Arguments[0], spec.Environment.GetValueOrDefault("PATH", ""), spec.WorkingDirectory);
            if (found.Fault != ExecutableFault.None) throw new ProgramNotFoundException(spec.Arguments[0], found.Describe(spec.Arguments[0]));
            spec = found.Complete(spec);
            program = found.Program!;
        }
        Process process;
        lock (_gate)
        {
            if (_closed) throw new OperationCanceledException("The container has ended.");
            if (_processes.Count >= Limit) throw new ProcessLimitException();
            do LastProcessId = LastProcessId % LargestProcessId + 1;
            while (_processes.ContainsKey(LastProcessId) || (LastProcessId == 1 && parentId != 0));
            process = new Process(this, LastProcessId, parentId, spec);
            _processes.Add(process.ProcessId, process);
        }
        process.Run(program);
        return process;
    }

    public Process? Find(int processId)
    {
        lock (_gate) return _processes.GetValueOrDefault(processId);
    }

    public IReadOnlyList<Process> List()
    {
        lock (_gate) return [.. _processes.Values];
    }

    /// <param name="processId">A process; 0 or a negative number's group as kill(2) has it, -1 for all but PID 1.</param>
    /// <param name="sender">The process that signals: its own handler runs before the call returns.</param>
    public bool Signal(int processId, int signal, Process? sender = null)
    {
        if (!Signals.IsValid(signal)) return false;
        var targets = processId switch
        {
            > 0 => Find(processId) is { } one ? [one] : [],
            -1 => List().Where(p => p.ProcessId != 1).ToArray(),
            _ => List().Where(p => p.Group == -processId).ToArray(),
        };
        foreach (var target in targets)
        {
            // From inside, init can't be killed even by SIGKILL.
            if (target.ProcessId == 1 && signal == Signals.Kill) continue;
            target.Deliver(signal, inline: ReferenceEquals(target, sender));
        }
        return targets.Length > 0;
    }

    /// <summary>From outside the container, where SIGKILL of PID 1 works.</summary>
    public void SignalMain(int signal)
    {
        Find(1)?.Deliver(signal);
        if (signal == Signals.Kill) Close();
    }

    /// <summary>Ends every process; none can be started any more.</summary>
    public void Close()
    {
        lock (_gate) _closed = true;
        foreach (var process in List()) process.Deliver(Signals.Kill);
    }

    public void Remove(Process process)
    {
        lock (_gate) _processes.Remove(process.ProcessId);
        if (process.ProcessId == 1) Close();
    }
}
