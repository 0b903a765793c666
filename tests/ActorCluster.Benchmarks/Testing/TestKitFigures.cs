using System.Diagnostics;
using ActorCluster.TestKit;
using Microsoft.AspNetCore.Builder;

namespace ActorCluster.Benchmarks.Testing;

/// <summary>
/// The test kit's figures, each to be taken in a process that has done nothing else. All in milliseconds, but for the memory. <see cref="OutsideProject"/> compiles this file against the
/// package: it uses nothing but that.
/// </summary>
internal static class TestKitFigures
{
    private const int Clusters = 8;

    /// <exception cref="ArgumentException">There is no such figure.</exception>
    public static async Task<double> TakeAsync(string what) => what switch
    {
        "first" => await StartAsync(),
        "further" => await FurtherAsync(),
        "memory" => await MemoryAsync(),
        "row" => await RowAsync(),
        "parallel" => await ParallelAsync(),
        "shop" => await ShopAsync(),
        "cron" => await CronAsync(30),
        "tour" => await TourAsync(),
        _ => throw new ArgumentException($"There is no figure '{what}'."),
    };

    private static TestClusterOptions Options(int nodes) => new() { Nodes = nodes, Seed = 1, ClusterDns = false };

    private static async Task<double> StartAsync()
    {
        var began = Stopwatch.GetTimestamp();
        await using var cluster = await TestCluster.StartAsync(Options(3));
        return Since(began);
    }

    /// <summary>The middle one, of those after the third.</summary>
    private static async Task<double> FurtherAsync()
    {
        for (var i = 0; i < 3; i++) await StartAsync();
        List<double> times = [];
        for (var i = 0; i < 15; i++) times.Add(await StartAsync());
        return times.Order().ElementAt(times.Count / 2);
    }

    /// <summary>MB of resident memory that each one more takes while all are there.</summary>
    private static async Task<double> MemoryAsync()
    {
        await StartAsync();
        List<TestCluster> clusters = [await TestCluster.StartAsync(Options(3))];
        var before = Resident();
        for (var i = 0; i < Clusters; i++) clusters.Add(await TestCluster.StartAsync(Options(3)));
        var each = (Resident() - before) / 1024.0 / 1024.0 / Clusters;
        foreach (var cluster in clusters) await cluster.DisposeAsync();
        return each;
    }

    private static async Task<double> RowAsync()
    {
        await ShopRunAsync();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < Clusters; i++) await ShopRunAsync();
        return Since(began);
    }

    private static async Task<double> ParallelAsync()
    {
        await ShopRunAsync();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clusters).Select(_ => ShopRunAsync()));
        return Since(began);
    }

    /// <summary>The six minutes of the README's example; the middle one of those after the third, since a test process runs many tests.</summary>
    private static async Task<double> ShopAsync()
    {
        for (var i = 0; i < 3; i++) await ShopRunAsync();
        List<double> times = [];
        for (var i = 0; i < 9; i++) times.Add(await ShopRunAsync());
        return times.Order().ElementAt(times.Count / 2);
    }

    /// <returns>What the six minutes took.</returns>
    private static async Task<double> ShopRunAsync()
    {
        await using var cluster = await TestCluster.StartAsync(Options(3));
        cluster.Images.Add("shop/cart:*", app => app.MapGet("/", () => "cart"));
        await cluster.ApplyAsync("configs/shop.yml");
        await cluster.Deployment("cart").ShouldBeAvailableAsync(replicas: 3);
        cluster.Node("worker-2").Kill();
        var began = Stopwatch.GetTimestamp();
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(6));
        var took = Since(began);
        await cluster.Deployment("cart").ShouldBeAvailableAsync(replicas: 3);
        return took;
    }

    /// <summary>Of all that others do something, which is a test's usual life: what is compiled in it is compiled in most tests' processes.</summary>
    private static async Task<double> TourAsync()
    {
        var began = Stopwatch.GetTimestamp();
        await ShopRunAsync();
        await CronAsync(2);
        return Since(began);
    }

    private static async Task<double> CronAsync(int days)
    {
        await using var cluster = await TestCluster.StartAsync(Options(1));
        await cluster.ApplyYamlAsync("""
            apiVersion: batch/v1
            kind: CronJob
            metadata:
              name: hourly
            spec:
              schedule: "0 * * * *"
              jobTemplate:
                spec:
                  template:
                    spec:
                      restartPolicy: Never
                      containers:
                      - name: c
                        image: busybox
                        command: ["true"]
            """);
        var began = Stopwatch.GetTimestamp();
        await cluster.Clock.AdvanceAsync(TimeSpan.FromDays(days));
        var took = Since(began);
        await cluster.CronJob("hourly").ShouldSucceedAsync(since: cluster.Options.Start.AddDays(days).AddHours(-1));
        return took;
    }

    private static double Since(long began) => Stopwatch.GetElapsedTime(began).TotalMilliseconds;

    private static long Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
