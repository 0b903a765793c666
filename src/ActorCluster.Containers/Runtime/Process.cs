using System.Text;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Runtime;

/// <summary>One process: a program that runs, what signals it, and its end, which happens once and for good.</summary>
#pragma warning disable CA1001 // The token source has no timer and no wait handle: there is nothing to dispose of.
internal sealed class Process : IProcess, ISignals
{
    private const int UnhandledException = 134;

    private readonly ProcessTable _table;
    private readonly CancellationTokenSource _killed = new();
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Dictionary<int, Action?>? _handlers;
    private ProcessContext _context;
    private bool _ended;

    public Process(ProcessTable table, int processId, int parentId, ProcessSpec spec)
    {
        _table = table;
        ProcessId = processId;
        ParentId = parentId;
        Group = spec.Group switch { null => table.Find(parentId)?.Group ?? processId, 0 => processId, { } group => group };
        Started = table.Simulation.Clock.GetUtcNow();
        (Arguments, StartEnvironment) = (spec.Arguments, spec.Environment);
        (Stdin, Stdout, Stderr) = Take(spec);
        var parent = table.Find(parentId);
        if (parent is not null) Umask = parent.Umask;
        User = UserOf(spec, parent?.User ?? table.Container.User);
        // Ignored signals stay ignored in children (execve(2)): what nohup relies on.
        if (parent?.IgnoredSignals() is { Length: > 0 } ignored) _handlers = ignored.ToDictionary(s => s, _ => (Action?)null);
        _context = CreateContext(spec);
    }

    public int ProcessId { get; }
    public int ParentId { get; }
    public int Group { get; }

    /// <summary>Whose rights it has: its container's user's, unless an executable gave it its owner's.</summary>
    public ProcessUser User { get; private set; }

    public DateTimeOffset Started { get; }

    /// <summary>What new files do not permit (umask(2)); children inherit it.</summary>
    public int Umask { get; set; } = ProcessFiles.UsualUmask;
    public IReadOnlyList<string> Arguments { get; private set; }
    public IReadOnlyDictionary<string, string> StartEnvironment { get; private set; }
    public string Name => Arguments.Count == 0 ? "" : Arguments[0][(Arguments[0].LastIndexOf('/') + 1)..];
    public string WorkingDirectory => _context.WorkingDirectory;
    public Task<int> Exit => _exit.Task;
    public CancellationToken Killed => _killed.Token;

    /// <summary>The signal that ended it, or 0.</summary>
    public int EndingSignal { get; private set; }

    /// <summary>The streams themselves, not the process's guarded view of them.</summary>
    public IInputStream Stdin { get; private set; }

    public IOutputStream Stdout { get; private set; }
    public IOutputStream Stderr { get; private set; }

    public void ThrowIfEnded()
    {
        if (Volatile.Read(ref _ended)) throw new OperationCanceledException("The process has ended.", Killed);
    }

    /// <summary>Whether a signal is ignored or has a handler.</summary>
    public bool Survives(int signal)
    {
        lock (_gate) return _handlers?.ContainsKey(signal) == true;
    }

    private int[] IgnoredSignals()
    {
        lock (_gate) return _handlers is null ? [] : [.. _handlers.Where(h => h.Value is null).Select(h => h.Key)];
    }

    public void Run(IProgram program) =>
        Task.Factory.StartNew(() => RunAsync(program), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _table.Simulation.Tasks);

    /// <summary>execve(2): another program goes on in this process; handled signals return to their default, ignored ones stay ignored.</summary>
    /// <returns>The program's exit code, which the caller must return as its own.</returns>
    public Task<int> ExecuteAsync(IProgram program, ProcessSpec spec)
    {
        lock (_gate)
        {
            foreach (var signal in _handlers?.Where(h => h.Value is not null).Select(h => h.Key).ToArray() ?? []) _handlers!.Remove(signal);
        }
        (Arguments, StartEnvironment) = (spec.Arguments, spec.Environment);
        var before = (Stdin, Stdout, Stderr);
        (Stdin, Stdout, Stderr) = Take(spec);
        Release(before.Stdin, before.Stdout, before.Stderr);
        User = UserOf(spec, User);
        _context = CreateContext(spec);
        return program.RunAsync(_context);
    }

    public void Handle(int signal, Action? handler)
    {
        if (signal is Signals.Kill or 19) return;
        lock (_gate) (_handlers ??= [])[signal] = handler;
    }

    public void Reset(int signal)
    {
        lock (_gate) _handlers?.Remove(signal);
    }

    /// <summary>Acts on a signal. For the first process of a container the default action of all but SIGKILL is to ignore it (pid_namespaces(7)).</summary>
    public void Deliver(int signal, bool inline = false)
    {
        if (signal == 0) return;
        Action? handler = null;
        lock (_gate)
        {
            if (_ended) return;
            if (signal != Signals.Kill)
            {
                if (_handlers is not null && _handlers.TryGetValue(signal, out handler))
                {
                    if (handler is null) return;
                }
                else if (ProcessId == 1 || !Signals.Ends(signal))
                {
                    return;
                }
            }
        }
        // Never on another sender's thread: a handler is the program's code.
        if (handler is not null && inline) handler();
        else if (handler is not null) Task.Factory.StartNew(handler, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _table.Simulation.Tasks);
        else End(128 + signal, signal);
    }

    public void Signal(int signal) => Deliver(signal);

    public void End(int code, int signal = 0)
    {
        lock (_gate)
        {
            if (_ended) return;
            EndingSignal = signal;
            Volatile.Write(ref _ended, true);
        }
        _table.Remove(this);
        Release(Stdin, Stdout, Stderr);
        // The callbacks of a token are the program's code, too.
        Task.Factory.StartNew(_killed.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _table.Simulation.Tasks);
        _exit.TrySetResult(code);
    }

    private async Task RunAsync(IProgram program)
    {
        int code;
        var signal = 0;
        try
        {
            code = await program.RunAsync(_context) & 0xff;
        }
        catch (BrokenPipeException)
        {
            code = 128 + Signals.Pipe;
            signal = Signals.Pipe;
        }
        catch (OperationCanceledException) when (_ended)
        {
            return;
        }
        catch (IOException fault)
        {
            code = await ReportAsync(fault.Message, 1);
        }
#pragma warning disable CA1031 // Whatever a program does is its own end, never the host's.
        catch (Exception broken)
        {
            code = await ReportAsync($"unhandled {broken.GetType().Name}: {broken.Message}", UnhandledException);
        }
#pragma warning restore CA1031
        End(code, signal);
    }

    private async Task<int> ReportAsync(string message, int code)
    {
        try
        {
            await _context.Stderr.WriteAsync(Encoding.UTF8.GetBytes($"{Name}: {message}\n"), Killed);
            return code;
        }
        catch (OperationCanceledException)
        {
            return code;
        }
        catch (IOException)
        {
            return code; // Nobody reads its errors; the exit code still tells.
        }
    }

    private ProcessContext CreateContext(ProcessSpec spec) => new()
    {
        ProcessId = ProcessId,
        Arguments = spec.Arguments,
        Environment = new(spec.Environment, StringComparer.Ordinal),
        WorkingDirectory = spec.WorkingDirectory,
        User = User,
        Stdin = new ProcessInput(Stdin, this),
        Stdout = new ProcessOutput(Stdout, this),
        Stderr = new ProcessOutput(Stderr, this),
        Terminal = spec.Terminal,
        Files = new ProcessFiles(_table.Container, ProcessId, User, () => Umask),
        Network = _table.Container.Network,
        Simulation = _table.Simulation,
        Processes = new ProcessView(_table, this),
        Killed = Killed,
        Signals = this,
        Services = _table.Container.Services,
        Self = this,
    };

    private ProcessUser UserOf(ProcessSpec spec, ProcessUser before) => _table.Container.NoNewPrivileges || (spec.SetUser is null && spec.SetGroup is null) ? before
        : ProcessUser.Of(spec.SetUser ?? before.UserId, spec.SetGroup ?? before.GroupId, before.Groups.Where(group => group != before.GroupId || spec.SetGroup is null));

    private static (IInputStream, IOutputStream, IOutputStream) Take(ProcessSpec spec)
    {
        var stdin = (IInputStream)ProcessStreams.Unwrap(spec.Stdin);
        var stdout = (IOutputStream)ProcessStreams.Unwrap(spec.Stdout);
        var stderr = (IOutputStream)ProcessStreams.Unwrap(spec.Stderr);
        (stdin as ISharedStream)?.Hold();
        (stdout as ISharedStream)?.Hold();
        (stderr as ISharedStream)?.Hold();
        return (stdin, stdout, stderr);
    }

    private static void Release(IInputStream stdin, IOutputStream stdout, IOutputStream stderr)
    {
        (stdin as ISharedStream)?.Release();
        (stdout as ISharedStream)?.Release();
        (stderr as ISharedStream)?.Release();
    }
}

/// <summary>The process table as one process sees it: what it starts are its children.</summary>
internal sealed class ProcessView(ProcessTable table, Process self) : IProcessTable
{
    public ProcessTable Table => table;

    public IProcess Start(ProcessSpec spec) => table.Start(spec, self.ProcessId);

    public string? FindProgram(string name, string path, string workingDirectory) =>
        table.Container.Executables.Find(name, path, workingDirectory) is { Fault: ExecutableFault.None, Path: { } found } ? found : null;

    public IReadOnlyList<IProcess> List() => table.List();
    public bool Signal(int processId, int signal) => table.Signal(processId == 0 ? -self.Group : processId, signal, self);
}
