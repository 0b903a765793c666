using System.Globalization;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;

namespace ActorCluster.Containers.Tools;

/// <summary>Tools that run another program: xargs, time, timeout, watch, nohup, nice, setsid.</summary>
internal static class Launch
{
    public static IEnumerable<Tool> All =>
    [
        new("xargs", "[OPTIONS] [PROG ARGS]\n\nRun PROG on every item given by stdin\n\n\t-0\tNUL terminated input\n\t-r\tDon't run command if input is empty\n\t-t\tPrint the command on stderr before execution\n\t-I STR\tReplace STR within PROG ARGS with input line\n\t-n N\tPass no more than N args to PROG\n\t-P N\tRun up to N PROGs in parallel", XargsAsync),
        new("time", "[-vpa] [-o FILE] PROG ARGS\n\nRun PROG, display resource usage when it exits", TimeAsync),
        new("timeout", "[-s SIG] [-k KILL_SECS] SECS PROG ARGS\n\nRun PROG. Send SIG to it if it is not gone in SECS seconds.\nDefault SIG: TERM.", TimeoutAsync),
        new("watch", "[-n SEC] [-t] PROG ARGS\n\nRun PROG periodically\n\n\t-n SEC\tPeriod (default 2)\n\t-t\tDon't print header", WatchAsync),
        new("nohup", "PROG ARGS\n\nRun PROG immune to hangups, with output to a non-tty", NoHangupAsync),
        new("nice", "[-n ADJUST] [PROG ARGS]\n\nChange scheduling priority, run PROG", NiceAsync),
        new("setsid", "[-c] PROG ARGS\n\nRun PROG in a new session.", tool => RunOrReplaceAsync(tool, Options.Parse(tool.Arguments, "+cfw").Operands)),
    ];

    /// <summary>Goes on as another program (execvp).</summary>
    public static async Task<int> ReplaceAsync(ToolContext tool, IReadOnlyList<string> words, IReadOnlyDictionary<string, string>? environment = null)
    {
        environment ??= tool.Process.Environment;
        var found = ((ProcessView)tool.Process.Processes).Table.Container.Executables.Find(words[0], environment.GetValueOrDefault("PATH", "/sbin:/usr/sbin:/bin:/usr/bin"), tool.Process.WorkingDirectory);
        if (found.Fault != ExecutableFault.None)
        {
            await tool.WarnAsync($"can't execute '{words[0]}': {Reason(found.Fault)}");
            return found.Fault == ExecutableFault.NotFound ? 127 : 126;
        }
        await tool.Out.FlushAsync();
        return await tool.Process.Self!.ExecuteAsync(found.Program!, found.Complete(Specify(tool, words, environment)));
    }

    /// <summary>Starts a program as a child; null if it can't be, which was said.</summary>
    public static async ValueTask<IProcess?> StartAsync(ToolContext tool, IReadOnlyList<string> words, IInputStream? input = null, bool terse = false)
    {
        await tool.Out.FlushAsync();
        try
        {
            var spec = Specify(tool, words, tool.Process.Environment);
            return tool.Process.Processes.Start(input is null ? spec : spec with { Stdin = input });
        }
        catch (ProgramNotFoundException)
        {
            await tool.WarnAsync($"{(terse ? words[0] : $"can't execute '{words[0]}'")}: No such file or directory");
            return null;
        }
    }

    private static ProcessSpec Specify(ToolContext tool, IReadOnlyList<string> words, IReadOnlyDictionary<string, string> environment) =>
        new(words, environment, tool.Process.WorkingDirectory, tool.Process.Stdin, tool.Process.Stdout, tool.Process.Stderr, tool.Process.Terminal);

    private static string Reason(ExecutableFault fault) => fault switch
    {
        ExecutableFault.PermissionDenied or ExecutableFault.NotAFile => "Permission denied",
        ExecutableFault.BadFormat => "Exec format error",
        _ => "No such file or directory",
    };

    private static Task<int> RunOrReplaceAsync(ToolContext tool, List<string> words) => words.Count == 0 ? throw new UsageException() : ReplaceAsync(tool, words);

    private static async Task<int> XargsAsync(ToolContext tool)
    {
        var options = tool.Parse("+0rtxpI:n:P:s:E:e::a:L:", ("no-run-if-empty", 'r'), ("null", '0'), ("max-args", 'n'), ("max-procs", 'P'), ("verbose", 't'), ("replace", 'I'));
        var command = options.Operands.Count > 0 ? options.Operands : ["echo"];
        var replaced = options.Value('I');
        var input = options.Value('a') is { } file ? tool.Open(file) : tool.Process.Stdin;
        var items = await ItemsAsync(tool, input, options.Has('0'), wholeLines: replaced is not null || options.Has('L'), options.Value('E'));
        var batch = replaced is not null ? 1 : (options.Value('n') ?? options.Value('L')) is { } n ? (int)Math.Clamp(ToolContext.Number(n), 1, int.MaxValue) : 5000;
        var parallel = options.Value('P') is { } p ? (int)ToolContext.Number(p) is > 0 and var many ? many : 16 : 1;
        if (items.Count == 0 && (options.Has('r') || replaced is not null)) return 0;

        var running = new List<IProcess>();
        var status = 0;
        for (var i = 0; i < Math.Max(items.Count, 1); i += batch)
        {
            var part = items.Skip(i).Take(batch).ToList();
            IReadOnlyList<string> words = replaced is null ? [.. command, .. part] : [.. command.Select(w => w.Replace(replaced, part[0], StringComparison.Ordinal))];
            if (options.Has('t')) await tool.WriteErrorAsync(string.Join(' ', words) + "\n");
            if (await StartAsync(tool, words, EmptyInput.Instance, terse: true) is not { } process) return 127;
            running.Add(process);
            if (running.Count >= parallel) await ReapAsync();
            if (status is 124 or 125) return status;
        }
        while (running.Count > 0) await ReapAsync();
        return status;

        async ValueTask ReapAsync()
        {
            await Task.WhenAny(running.Select(r => r.Exit)).WaitAsync(tool.Killed);
            foreach (var ended in running.Where(r => r.Exit.IsCompleted).ToArray())
            {
                running.Remove(ended);
                var code = await ended.Exit;
                if (((Process)ended).EndingSignal is > 0 and var signal)
                {
                    await tool.WarnAsync(string.Create(CultureInfo.InvariantCulture, $"'{command[0]}' terminated by signal {signal}"));
                    status = 125;
                }
                else if (code == 255)
                {
                    await tool.WarnAsync($"{command[0]}: exited with status 255; aborting");
                    status = 124;
                }
                else if (code != 0 && status == 0) status = 123;
            }
        }
    }

    private static async ValueTask<List<string>> ItemsAsync(ToolContext tool, IInputStream input, bool nul, bool wholeLines, string? end)
    {
        var items = new List<string>();
        if (nul || wholeLines)
        {
            await foreach (var line in new LineReader(input, tool.Out, tool.Killed) { Delimiter = nul ? (byte)0 : (byte)'\n' }.AllAsync())
            {
                var item = nul ? line : line.TrimStart(' ', '\t');
                if (item.Length > 0) items.Add(Shell.ByteText.ToText(item));
            }
            return items;
        }
        var word = new System.Text.StringBuilder();
        var (quote, any, escaped) = ('\0', false, false);
        foreach (var b in await tool.ReadAllAsync(input))
        {
            var c = (char)b;
            if (escaped)
            {
                word.Append(c);
                (escaped, any) = (false, true);
            }
            else if (quote != '\0')
            {
                if (c == '\n') throw new ToolException($"unmatched {(quote == '"' ? "double" : "single")} quote");
                if (c == quote) quote = '\0';
                else word.Append(c);
            }
            else if (c is '"' or '\'') (quote, any) = (c, true);
            else if (c == '\\') escaped = true;
            else if (c is ' ' or '\t' or '\n')
            {
                if (!Finish()) return items;
            }
            else
            {
                word.Append(c);
                any = true;
            }
        }
        Finish();
        return items;

        bool Finish()
        {
            if (any)
            {
                var item = Shell.ByteText.ToText(word.ToString());
                if (item == end) return false;
                items.Add(item);
            }
            word.Clear();
            any = false;
            return true;
        }
    }

    private static async Task<int> TimeAsync(ToolContext tool)
    {
        var options = tool.Parse("+vpao:f:");
        if (options.Operands.Count == 0) throw new UsageException();
        var started = tool.Clock.GetTimestamp();
        if (await StartAsync(tool, options.Operands) is not { } process) return 127;
        var code = await process.Exit.WaitAsync(tool.Killed);
        var real = tool.Clock.GetElapsedTime(started);
        string Text(TimeSpan t) => options.Has('p') ? t.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{(int)t.TotalMinutes}m {t.TotalSeconds % 60:F2}s");
        await tool.WriteErrorAsync(options.Has('p') ? $"real {Text(real)}\nuser {Text(default)}\nsys {Text(default)}\n" : $"real\t{Text(real)}\nuser\t{Text(default)}\nsys\t{Text(default)}\n");
        return code;
    }

    private static async Task<int> TimeoutAsync(ToolContext tool)
    {
        var options = tool.Parse("+s:k:t:", ("signal", 's'), ("kill-after", 'k'), ("preserve-status", 'p'), ("foreground", 'f'));
        var operands = options.Operands.ToList();
        string? seconds = options.Value('t');
        if (seconds is null && operands.Count > 0)
        {
            seconds = operands[0];
            operands.RemoveAt(0);
        }
        if (seconds is null || operands.Count == 0) throw new UsageException();
        var signal = options.Value('s') is { } name ? Signals.Parse(name) ?? throw new ToolException($"unknown signal '{name}'") : Signals.Terminate;
        var limit = ToolContext.Duration(seconds);
        if (limit == TimeSpan.Zero) limit = Timeout.InfiniteTimeSpan;
        if (await StartAsync(tool, operands) is not { } process) return 127;
        if (await EndsWithinAsync(tool, process, limit)) return await process.Exit;
        process.Signal(signal);
        if (options.Value('k') is { } k && !await EndsWithinAsync(tool, process, ToolContext.Duration(k))) process.Signal(Signals.Kill);
        var code = await process.Exit.WaitAsync(tool.Killed);
        // As when the program runs in timeout's own process: that ends by the same signal.
        if (((Process)process).EndingSignal is > 0 and var ending) tool.Process.Self!.End(128 + ending, ending);
        return code;
    }

    private static async ValueTask<bool> EndsWithinAsync(ToolContext tool, IProcess process, TimeSpan limit)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(tool.Killed);
        var delay = Task.Delay(limit, tool.Clock, stop.Token);
        var first = await Task.WhenAny(process.Exit, delay);
        tool.Killed.ThrowIfCancellationRequested();
        await stop.CancelInOrderAsync();
        return first == process.Exit;
    }

    private static async Task<int> WatchAsync(ToolContext tool)
    {
        var options = tool.Parse("+n:tdb");
        if (options.Operands.Count == 0) throw new UsageException();
        var interval = options.Value('n') is { } n ? ToolContext.Duration(n) : TimeSpan.FromSeconds(2);
        var command = string.Join(' ', options.Operands);
        while (true)
        {
            await tool.Out.WriteAsync("\u001b[H\u001b[J");
            if (!options.Has('t'))
                await tool.Out.WriteTextAsync(string.Create(CultureInfo.InvariantCulture, $"Every {interval.TotalSeconds:F1}s: {command}  {DateTexts.Format(tool.Clock.GetUtcNow(), "%Y-%m-%d %H:%M:%S")}\n\n"));
            if (await StartAsync(tool, ["sh", "-c", command]) is not { } process) return 127;
            await process.Exit.WaitAsync(tool.Killed);
            await Task.Delay(interval, tool.Clock, tool.Killed);
        }
    }

    private static Task<int> NoHangupAsync(ToolContext tool)
    {
        tool.Process.Signals.Handle(Signals.Hangup, null);
        return RunOrReplaceAsync(tool, [.. tool.Arguments]);
    }

    private static async Task<int> NiceAsync(ToolContext tool)
    {
        var options = Options.Parse(tool.Arguments, "+n:");
        if (options.Operands.Count > 0) return await ReplaceAsync(tool, options.Operands);
        await tool.Out.WriteAsync("0\n");
        return 0;
    }
}
