using System.Diagnostics;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Host.Client;
using ActorCluster.Host.State;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>A cluster of 1,000 nodes on upstream's own timers that is filled with 100,000 pods.</summary>
/// <param name="Memory">Resident bytes of its five processes in the end.</param>
/// <param name="AmongFew">What one more pod took, the middle one of several, with 100 there.</param>
/// <param name="AmongMany">The same with all there.</param>
internal sealed record CrowdRun(long Memory, TimeSpan AmongFew, TimeSpan AmongMany, double PodsPerSecond)
{
    private const int Deployments = 100;
    private const int Replicas = 1000;
    private const int Few = 100;
    private const int Singles = 21;
    private const string Cluster = "bench";
    private static Task<CrowdRun>? _shared;

    /// <summary>One run serves all benchmarks that read it.</summary>
    public static Task<CrowdRun> Shared(CancellationToken cancellationToken) => _shared ??= RunAsync(cancellationToken);

    private static async Task<CrowdRun> RunAsync(CancellationToken cancellationToken)
    {
        await using var program = await PublishedProgram.PublishAsync();
        await program.RunAsync("up", "--name", Cluster, "--workers", "4", "--nodes-per-worker", "250", "--timing", "kubernetes", "--timeout", "10m");
        try
        {
            var folder = new StateRoot(program.Home).Cluster(Cluster);
            using var api = KubeconfigClient.Create(folder.Kubeconfig);
            await PausePods.DeployAsync(api, "few", Few, cancellationToken);
            await PausePods.DeployedAsync(api, "few", Few, cancellationToken);
            // The first are slow for being the first.
            await SinglesAsync(api, "warm", cancellationToken);
            var amongFew = await SinglesAsync(api, "early", cancellationToken);
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < Deployments; i++)
            {
                // One after the other, as somebody would who fills a cluster; the next begins while the last of the one before are still starting.
                await PausePods.DeployAsync(api, $"crowd-{i}", Replicas, cancellationToken);
                if (i > 0) await PausePods.DeployedAsync(api, $"crowd-{i - 1}", Replicas, cancellationToken);
                if (i % 10 == 9) Console.Error.WriteLine($"  {i * Replicas:N0} pods after {clock.Elapsed.TotalSeconds:N0} s, {Resident(folder) / 1e9:N1} GB");
            }

            await PausePods.DeployedAsync(api, $"crowd-{Deployments - 1}", Replicas, cancellationToken);
            var rate = Deployments * Replicas / clock.Elapsed.TotalSeconds;
            return new CrowdRun(Resident(folder), amongFew, await SinglesAsync(api, "late", cancellationToken), rate);
        }
        finally
        {
            await program.RunAsync("down", "--name", Cluster);
        }
    }

    private static async Task<TimeSpan> SinglesAsync(HttpClient api, string name, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        for (var i = 0; i < Singles; i++) times.Add((await PausePods.RunOneAsync(api, $"{name}-{i}", cancellationToken)).TotalMilliseconds);
        return TimeSpan.FromMilliseconds(SideBySide.Median([.. times]));
    }

    private static long Resident(ClusterFolder folder) => folder.ReadProcesses().Sum(record =>
    {
        using var process = Process.GetProcessById(record.ProcessId);
        return process.WorkingSet64;
    });
}
