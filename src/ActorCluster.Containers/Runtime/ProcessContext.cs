using ActorCluster.Containers.FileSystem;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Runtime;

/// <summary>Everything a program may touch: what a Unix process has, and nothing of the host's.</summary>
public sealed class ProcessContext
{
    public required int ProcessId { get; init; }

    /// <summary>argv; [0] is the name it was called by.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The process's own copy.</summary>
    public required Dictionary<string, string> Environment { get; init; }

    public required string WorkingDirectory { get; set; }

    /// <summary>Whose it is: what it may do to files, and whose the files are that it makes.</summary>
    public ProcessUser User { get; init; } = ProcessUser.Root;

    public required IInputStream Stdin { get; init; }
    public required IOutputStream Stdout { get; init; }
    public required IOutputStream Stderr { get; init; }

    /// <summary>The controlling terminal, if there is one.</summary>
    public Terminal? Terminal { get; init; }

    public required IFileSystem Files { get; init; }
    public required INetworkNamespace Network { get; init; }
    public required SimulationContext Simulation { get; init; }

    /// <summary>The container it runs in: starts further processes, sends signals.</summary>
    public required IProcessTable Processes { get; init; }

    /// <summary>Cancelled when a signal ends the process. Pass it to every wait.</summary>
    public required CancellationToken Killed { get; init; }

    public required ISignals Signals { get; init; }

    /// <summary>What the node offers to programs of its own, such as the DNS server's view of the cluster; null when absent.</summary>
    public required IServiceProvider Services { get; init; }

    public TimeProvider Clock => Simulation.Clock;

    /// <summary>Whether a standard stream is the terminal (isatty): what decides on colours, prompts and progress meters.</summary>
    public static bool IsTerminal(object stream) => ProcessStreams.Unwrap(stream) is ITerminalStream;

    /// <summary>The process itself, for the shell's exec, which goes on in it with another program.</summary>
    internal Process? Self { get; init; }
}

/// <summary>Handlers for signals (numbers of Linux/x86-64: 15 is SIGTERM, 2 SIGINT, 1 SIGHUP, 3 SIGQUIT, 28 SIGWINCH).</summary>
public interface ISignals
{
    /// <summary>Handles or, with null, ignores the signal from now on. SIGKILL (9) and SIGSTOP (19) can't be handled.</summary>
    void Handle(int signal, Action? handler);

    /// <summary>Back to the default action.</summary>
    void Reset(int signal);
}

public interface IInputStream
{
    /// <returns>At least one byte, or 0 at the end of input.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);
}

public interface IOutputStream
{
    /// <summary>Waits while the reader is slow.</summary>
    /// <exception cref="BrokenPipeException">Nobody reads any more (EPIPE); a program that doesn't handle it ends as if by SIGPIPE, code 141.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}

public sealed class BrokenPipeException() : IOException("Broken pipe");

/// <summary>The processes of one container, one PID space.</summary>
public interface IProcessTable
{
    /// <summary>Starts a program found by <paramref name="spec"/>'s argv[0] (a path, or a name looked up in PATH).</summary>
    /// <exception cref="ProgramNotFoundException">No such program; what the shell reports with exit code 127.</exception>
    IProcess Start(ProcessSpec spec);

    /// <summary>The whole path of a program, or null: what `which` prints.</summary>
    string? FindProgram(string name, string path, string workingDirectory);

    IReadOnlyList<IProcess> List();

    /// <returns>False if there is no such process.</returns>
    bool Signal(int processId, int signal);
}

public interface IProcess
{
    int ProcessId { get; }
    IReadOnlyList<string> Arguments { get; }

    /// <summary>Completes when it ended: its exit code, or 128 + the signal that ended it.</summary>
    Task<int> Exit { get; }

    /// <summary>Sends it a signal; nothing happens if it has ended.</summary>
    void Signal(int signal);
}

/// <param name="Path">Set when the executable was already looked up; else argv[0] is looked up.</param>
public sealed record ProcessSpec(
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory,
    IInputStream Stdin,
    IOutputStream Stdout,
    IOutputStream Stderr,
    Terminal? Terminal = null,
    string? Path = null)
{
    /// <summary>The code itself, where there is no file to look up: what fork without exec does.</summary>
    internal IProgram? Program { get; init; }

    /// <summary>Whose it runs as, by its executable's set-user-ID and set-group-ID bits.</summary>
    internal int? SetUser { get; init; }

    internal int? SetGroup { get; init; }

    /// <summary>The process group to join; 0 founds one of its own. Null: the parent's.</summary>
    internal int? Group { get; init; }
}

/// <param name="name">What was asked for.</param>
/// <param name="message">As runc words it: exec: "name": executable file not found in $PATH.</param>
public sealed class ProgramNotFoundException(string name, string message) : IOException(message)
{
    public string ProgramName { get; } = name;
}

/// <summary>A pseudo-terminal's state: its size, and that output turns LF into CRLF and input is edited and echoed by line.</summary>
public sealed class Terminal(ushort width, ushort height)
{
    public ushort Width { get; private set; } = width;
    public ushort Height { get; private set; } = height;

    /// <summary>Line editing and echo are on; a program that reads keys itself turns it off.</summary>
    public bool Canonical { get; set; } = true;

    /// <summary>The process group that ^C and a resize signal.</summary>
    internal int ForegroundGroup { get; set; }

    public event Action? Resized;

    public void Resize(ushort width, ushort height)
    {
        (Width, Height) = (width, height);
        Resized?.Invoke();
    }
}
