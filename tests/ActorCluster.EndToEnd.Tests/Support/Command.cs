using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A program as a user starts it. It is never waited for without a limit.</summary>
internal sealed class Command : IAsyncDisposable
{
    /// <summary>What any one command may take on a loaded machine before the test fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly string _commandLine;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _read;

    private Command(Process process, string commandLine)
    {
        _process = process;
        _commandLine = commandLine;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _error));
    }

    public int ProcessId => _process.Id;

    /// <summary>What it has written to standard output so far.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    private string Error
    {
        get { lock (_error) return _error.ToString(); }
    }

    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static Command Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new Command(Process.Start(start)!, $"{program} {string.Join(' ', arguments)}");
    }

    /// <summary>Runs a program to its end, its output's end included.</summary>
    /// <param name="input">What it reads from standard input; null leaves that open, as a terminal that nobody types on.</param>
    public static async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string? input = "")
    {
        await using var command = Start(program, arguments, environment);
        if (input is not null) await command.TypeAsync(input);
        return await command.EndAsync();
    }

    /// <exception cref="TimeoutException">It doesn't end within the limit.</exception>
    public async Task<CommandResult> EndAsync()
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(), _read).WaitAsync(Limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"It did not end, or did not close its output, within {Limit.TotalSeconds} s:\n$ {_commandLine}\n{Output}\n{Error}", e);
        }

        return new CommandResult(_commandLine, _process.ExitCode, Output, Error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task TypeAsync(string input)
    {
        try
        {
            await _process.StandardInput.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException) when (_process.HasExited)
        {
            // It ended without reading all of its input; its exit code and output tell the test what the test wants to know.
        }
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            lock (into) into.Append(buffer, 0, count);
        }
    }
}
