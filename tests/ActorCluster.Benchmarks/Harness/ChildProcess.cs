using System.Diagnostics;

namespace ActorCluster.Benchmarks.Harness;

/// <summary>Another process of this same program in one of its peer roles: it prints one "ready ..." line and ends when its input closes.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process, string readyLine, TimeSpan startedIn)
    {
        _process = process;
        ReadyWords = readyLine.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        StartedIn = startedIn;
    }

    /// <summary>What followed "ready": ports and addresses.</summary>
    public IReadOnlyList<string> ReadyWords { get; }

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan StartedIn { get; }

    /// <summary>What it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public StreamWriter Input => _process.StandardInput;
    public StreamReader Output => _process.StandardOutput;

    public static Task<ChildProcess> StartAsync(string role, params string[] arguments) => StartAsync(role, profiled: true, arguments);

    /// <param name="profiled">Whether methods are compiled by what they are seen to do, as in workers; a control plane's aren't (Launch/RuntimeSettings.cs).</param>
    public static async Task<ChildProcess> StartAsync(string role, bool profiled, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var argument in (string[])["--role", role, .. arguments]) start.ArgumentList.Add(argument);
        if (!profiled) start.Environment["DOTNET_TieredPGO"] = "0";
        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready", StringComparison.Ordinal)) return new ChildProcess(process, line, clock.Elapsed);
        }
        throw new InvalidOperationException($"The peer process '{role}' ended before it was ready.");
    }

    /// <summary>In the child: says that it is ready, and waits until the parent lets it go.</summary>
    public static async Task ReadyAsync(params object[] words)
    {
        Console.WriteLine("ready " + string.Join(' ', words));
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
