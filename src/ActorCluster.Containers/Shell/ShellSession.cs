using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Builtins;
using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell;

/// <summary>A shell that reads its commands from standard input, with a prompt if that is a terminal.</summary>
internal sealed class ShellSession(Interpreter shell)
{
    private const int InputLimit = 4 << 20;

    private readonly LineSource _lines = new(shell);
    private CancellationTokenSource? _reading;

    private bool Interactive => shell.State.Options.Interactive;

    public async Task<int> RunAsync()
    {
        if (Interactive)
        {
            shell.Context.Signals.Handle(Signals.Interrupt, OnInterrupt);
            // An interactive shell isn't ended by these; it has no traps for them, and its children have the default.
            shell.Context.Signals.Handle(Signals.Terminate, () => { });
            shell.Context.Signals.Handle(Signals.Quit, () => { });
        }
        return await shell.RunAsync(LoopAsync);
    }

    private void OnInterrupt()
    {
        shell.Interrupt();
        Volatile.Read(ref _reading)?.Cancel();
    }

    private async ValueTask<int> LoopAsync()
    {
        while (true)
        {
            shell.ClearInterrupt();
            try
            {
                if (Interactive) await ReportJobsAsync();
                if (await ReadCommandsAsync() is not { } commands) break;
                foreach (var command in commands)
                {
                    await shell.ExecuteAsync(command);
                    if (shell.Flow == Flow.Exit || (shell.Flow == Flow.Return && !Interactive)) return shell.State.Status;
                    shell.Flow = Flow.None;
                }
            }
            catch (ShellInterruptException)
            {
                (shell.State.Status, shell.Flow) = (130, Flow.None);
                await shell.WriteErrorAsync("\n");
            }
            catch (ShellFaultException fault) when (Interactive)
            {
                await shell.ReportAsync(fault);
                (shell.State.Status, shell.Flow) = (fault.Status, Flow.None);
            }
        }
        if (Interactive) await shell.WriteErrorAsync("\n");
        return shell.State.Status;
    }

    /// <summary>Lines until they make whole commands; null at the end of input.</summary>
    private async ValueTask<IReadOnlyList<Node>?> ReadCommandsAsync()
    {
        var text = new StringBuilder();
        string? until = null;
        while (true)
        {
            var line = await ReadLineAsync(text.Length == 0 ? "PS1" : "PS2");
            if (line is null && text.Length == 0) return null;
            text.Append(line);
            if (text.Length > InputLimit) throw new ShellFaultException("out of memory", 2);
            if (shell.State.Options.Verbose && line is not null) await shell.WriteErrorAsync(line);
            // While what an open quote or here-document waits for isn't there, there is no need to try.
            if (line is not null && until is not null && !(until.Length == 1 ? line.Contains(until, StringComparison.Ordinal) : line.Trim() == until)) continue;
            try
            {
                var parser = new Parser(text.ToString(), moreMayCome: line is not null, shell.State.Aliases);
                var commands = new List<Node>();
                while (parser.NextCommand() is { } command) commands.Add(command);
                return commands;
            }
            catch (ShellSyntaxException fault) when (fault.Incomplete && line is not null)
            {
                until = fault.Until;
            }
            catch (ShellSyntaxException fault)
            {
                shell.State.Line = fault.Line;
                throw new ShellFaultException(fault.Message, 2);
            }
        }
    }

    private async ValueTask<string?> ReadLineAsync(string prompt)
    {
        if (!Interactive) return await _lines.ReadAsync(shell.Context.Killed);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(shell.Context.Killed);
        Volatile.Write(ref _reading, reading);
        try
        {
            await shell.WriteErrorAsync(Prompt(shell.State.Get(prompt) ?? ""));
            return await _lines.ReadAsync(reading.Token);
        }
        catch (OperationCanceledException) when (!shell.Context.Killed.IsCancellationRequested)
        {
            throw new ShellInterruptException();
        }
        finally
        {
            Volatile.Write(ref _reading, null);
        }
    }

    private async ValueTask ReportJobsAsync()
    {
        foreach (var job in shell.Jobs.Jobs.Where(j => !j.IsRunning).ToArray())
        {
            await shell.WriteErrorAsync(await JobBuiltins.DescribeAsync(shell, job));
            shell.Jobs.Remove(job);
        }
    }

    /// <summary>\w, \W, \h, \u and \$ of PS1.</summary>
    private string Prompt(string format)
    {
        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '\\' || i + 1 == format.Length)
            {
                result.Append(format[i]);
                continue;
            }
            var directory = shell.State.WorkingDirectory;
            var home = shell.State.Get("HOME");
            if (home is { Length: > 1 } && (directory == home || directory.StartsWith(home + "/", StringComparison.Ordinal))) directory = "~" + directory[home.Length..];
            result.Append(format[++i] switch
            {
                'w' => directory,
                'W' => directory.Length == 1 ? directory : directory[(directory.LastIndexOf('/') + 1)..],
                'h' => shell.State.Get("HOSTNAME") ?? "",
                'u' => "root",
                '$' => "#",
                'n' => "\n",
                var other => "\\" + other,
            });
        }
        return result.ToString();
    }
}
