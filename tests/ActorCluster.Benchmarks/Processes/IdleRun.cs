using System.Diagnostics;
using System.Globalization;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Host.State;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>`up --workers 3`, then nobody does anything.</summary>
/// <param name="Memory">Bytes of its four processes after five minutes, pages that several of them share counted once (/proc/PID/smaps_rollup's Pss; elsewhere than on Linux resident bytes).</param>
/// <param name="Processor">Their processor time in the minute after that, of one core's.</param>
internal sealed record IdleRun(long Memory, double Processor)
{
    private const string Cluster = "bench";

    /// <summary>By then what is called often has been compiled for good.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static Task<IdleRun>? _shared;

    /// <summary>One run serves all benchmarks that read it.</summary>
    public static Task<IdleRun> Shared(CancellationToken cancellationToken) => _shared ??= RunAsync(cancellationToken);

    private static async Task<IdleRun> RunAsync(CancellationToken cancellationToken)
    {
        await using var program = await PublishedProgram.PublishAsync();
        await program.RunAsync("up", "--name", Cluster, "--workers", "3");
        List<Process> processes = [.. new StateRoot(program.Home).Cluster(Cluster).ReadProcesses().Select(record => Process.GetProcessById(record.ProcessId))];
        try
        {
            await Task.Delay(Settling, cancellationToken);
            var memory = processes.Sum(MemoryOf);
            var (before, began) = (ProcessorTime(processes), Stopwatch.GetTimestamp());
            await Task.Delay(Window, cancellationToken);
            return new IdleRun(memory, (ProcessorTime(processes) - before) / Stopwatch.GetElapsedTime(began));
        }
        finally
        {
            foreach (var process in processes) process.Dispose();
            await program.RunAsync("down", "--name", Cluster);
        }
    }

    private static TimeSpan ProcessorTime(IReadOnlyList<Process> processes) => processes.Aggregate(TimeSpan.Zero, (sum, process) =>
    {
        process.Refresh();
        return sum + process.TotalProcessorTime;
    });

    private static long MemoryOf(Process process)
    {
        if (!OperatingSystem.IsLinux()) return process.WorkingSet64;
        var shares = File.ReadLines($"/proc/{process.Id}/smaps_rollup").Single(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(shares.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
