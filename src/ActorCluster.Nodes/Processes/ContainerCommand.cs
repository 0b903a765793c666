using System.Text;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Nodes.Processes;

/// <param name="ExitCode">Null if the command could not be started, or did not end in time.</param>
/// <param name="Output">What it wrote, stdout and stderr as they came; or why it could not be started.</param>
internal readonly record struct CommandResult(int? ExitCode, string Output, bool TimedOut = false);

/// <summary>Runs a command in a running container and keeps what it writes: exec probes and hooks.</summary>
internal static class ContainerCommand
{
    /// <summary>maxReadLength of pkg/probe/exec/exec.go.</summary>
    private const int OutputLimit = 10 * 1024;

    public static async Task<CommandResult> RunAsync(IContainer container, IReadOnlyList<string> command, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        var output = new CapturedOutput(OutputLimit);
        IProcess process;
        try
        {
            process = container.Exec(command, new ContainerStreams(null, output, output));
        }
        catch (ProgramNotFoundException missing)
        {
            return new CommandResult(null, OciErrors.ExecFailed(missing));
        }
        try
        {
            var code = timeout == Timeout.InfiniteTimeSpan ? await process.Exit.WaitAsync(cancellationToken) : await process.Exit.WaitAsync(timeout, clock, cancellationToken);
            return new CommandResult(code, output.ToString());
        }
        catch (TimeoutException)
        {
            process.Signal(9);
            return new CommandResult(null, string.Join(' ', command), TimedOut: true);
        }
        catch (OperationCanceledException)
        {
            process.Signal(9);
            throw;
        }
    }

    private sealed class CapturedOutput(int limit) : IOutputStream
    {
        private readonly List<byte> _text = [];

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            lock (_text) _text.AddRange(data.Span[..Math.Min(data.Length, limit - _text.Count)]);
            return default;
        }

        public override string ToString()
        {
            lock (_text) return Encoding.UTF8.GetString(_text.ToArray());
        }
    }
}
