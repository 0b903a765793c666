using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Xunit.Abstractions;

namespace ActorCluster.TestKit.Tests;

/// <summary>Alone in its process while it runs: it counts what the process has.</summary>
[CollectionDefinition(nameof(DisposalTests), DisableParallelization = true)]
public sealed class DisposalCollection;

[Collection(nameof(DisposalTests))]
public sealed class DisposalTests(ITestOutputHelper output)
{
    /// <summary>How many starts and stops; a few where nobody asks for more.</summary>
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("ACTORCLUSTER_STARTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 5;

    /// <summary>Bytes a round: what caches of the runtime may grow by.</summary>
    private const long GrowthAllowed = 64 * 1024;

    /// <summary>Threads and files of the runtime's own, which it opens at some time once and for all: fewer than three for each of the fewest rounds.</summary>
    private const int OwnAllowed = 14;

    [Fact]
    public async Task Clusters_that_have_ended_leave_nothing_behind()
    {
        await RoundAsync();
        await RoundAsync();
        var before = Take();
        var clusters = new List<WeakReference>();
        for (var i = 0; i < Rounds; i++) clusters.Add(await RoundAsync());
        var after = Take();
        // What the runtime closes by itself, on threads of its own, may take a few collections more.
        for (var again = 0; again < 20 && (after.Files > before.Files || after.Threads > before.Threads); again++) after = Take();
        output.WriteLine($"{Rounds} rounds: {before} to {after}");
        // One or two may still be in somebody's hands, on a stack or in a thread's cache.
        clusters.Count(cluster => cluster.IsAlive).ShouldBeLessThanOrEqualTo(2);
        after.Threads.ShouldBeLessThanOrEqualTo(before.Threads + OwnAllowed);
        after.Files.ShouldBeLessThanOrEqualTo(before.Files + OwnAllowed);
        (after.Bytes - before.Bytes).ShouldBeLessThan(Rounds * GrowthAllowed + 1024 * 1024);
    }

    /// <summary>A method of its own, so that no local keeps the cluster.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> RoundAsync()
    {
        var cluster = await TestCluster.StartAsync(new TestClusterOptions { Nodes = 2, ClusterDns = false, Https = true });
        await using (cluster)
        {
            cluster.Images.Add("shop/cart", app => app.MapGet("/", () => "cart"));
            await cluster.ApplyYamlAsync("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: c\n    image: shop/cart\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: client\nspec:\n  containers:\n  - name: c\n    image: registry.k8s.io/pause\n");
            await cluster.Pod("client").ShouldBeReadyAsync();
            var web = await cluster.Pod("web").ShouldBeReadyAsync();
            using var client = cluster.Pod("client").CreateHttpClient();
            (await client.GetStringAsync($"http://{web.Status.PodIP}:8080/")).ShouldBe("cart");
            return new WeakReference(cluster);
        }
    }

    private static Resources Take()
    {
        for (var i = 0; i < 5; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return new(GC.GetTotalMemory(forceFullCollection: true), Threads(), Files());
    }

    /// <summary>But for assemblies, which the runtime loads when it compiles what is called often once more.</summary>
    private static int Files() => OperatingSystem.IsLinux()
        ? Directory.GetFileSystemEntries("/proc/self/fd").Count(file => new FileInfo(file).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true)
        : 0;

    /// <summary>Those that aren't the runtime's own, of which it has as many as it likes.</summary>
    private static int Threads()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        var names = new List<string>();
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                names.Add(File.ReadAllText(Path.Combine(task, "comm")).Trim());
            }
            catch (IOException)
            {
                continue; // It ended meanwhile.
            }
        }
        return names.Count(name => !name.StartsWith(".NET", StringComparison.Ordinal));
    }

    private sealed record Resources(long Bytes, int Threads, int Files);
}
