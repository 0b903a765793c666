using System.Diagnostics;
using System.Globalization;
using ActorCluster.EndToEnd.Tests.Support;
using ActorCluster.Host.Options;
using Xunit.Abstractions;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>
/// Random scaling, roll-outs and mishaps of worker processes, for half a minute or as long as the environment variable ACTORCLUSTER_SOAK says ("1h"); ACTORCLUSTER_SOAK_SEED repeats a run.
/// Afterwards everything is as the objects account for.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Replicas = 6;
    private static readonly string[] Workers = ["worker-1", "worker-2", "worker-3"];

    /// <summary>What ends each mishap.</summary>
    private static readonly (string Mishap, string End)[] Mishaps = [("kill", "start"), ("stop", "start"), ("pause", "resume"), ("partition", "heal")];

    private static readonly TimeSpan Duration = Durations.TryParse(Environment.GetEnvironmentVariable("ACTORCLUSTER_SOAK") ?? "", out var wanted) ? wanted : TimeSpan.FromSeconds(30);
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORCLUSTER_SOAK_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();
    private readonly UserHome _home = new();
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await _home.UpAsync("soak", "--workers", "3");

    public async Task DisposeAsync() => await _home.DisposeAsync();

    [Fact]
    public async Task Whatever_happens_to_workers_and_workloads_nothing_is_left_that_the_objects_do_not_account_for()
    {
        (await _cluster.KubectlAsync("create", "deployment", "soak", "--image=nginx", $"--replicas={Replicas}")).ShouldSucceed();
        (await _cluster.KubectlAsync("expose", "deployment", "soak", "--port=80", "--type=NodePort")).ShouldSucceed();
        var before = await SettleAsync();
        output.WriteLine($"before: {before}");

        var steps = await MishandleAsync();
        (await _cluster.KubectlAsync("scale", "deployment/soak", $"--replicas={Replicas}")).ShouldSucceed();

        var after = await SettleAsync();
        output.WriteLine($"after {steps} steps of seed {_seed}: {after}");
        after.Census.Values.Sum(node => node.PodActors).ShouldBe(before.Census.Values.Sum(node => node.PodActors));
        foreach (var (node, census) in after.Census)
        {
            census.OtherActors.ShouldBe(before.Census[node].OtherActors, $"actors of {node} that are none of its pods', services' or streams'");
            census.ServiceProxies.ShouldBeLessThanOrEqualTo(10, $"proxies of {node}"); // kubernetes, kube-dns and soak, by protocol and address
        }

        // Who called whom differs, and with it how many connections a pair of processes has.
        foreach (var (process, sockets) in after.Sockets) sockets.ShouldBeLessThanOrEqualTo(before.Sockets[process] + (2 * Workers.Length), $"sockets of {process}");
    }

    /// <returns>How many steps there were.</returns>
    private async Task<int> MishandleAsync()
    {
        var random = new Random(_seed);
        var started = Stopwatch.GetTimestamp();
        (string Worker, string End)? broken = null;
        var steps = 0;
        for (; Stopwatch.GetElapsedTime(started) < Duration || broken is not null; steps++)
        {
            if (broken is { } one && (random.Next(2) == 0 || Stopwatch.GetElapsedTime(started) >= Duration))
            {
                await ActAsync(one.End == "start" ? ["node", one.End, one.Worker, "--timeout", "4m"] : ["node", one.End, one.Worker]);
                broken = null;
                continue;
            }

            switch (random.Next(4))
            {
                case 0: (await _cluster.KubectlAsync("scale", "deployment/soak", $"--replicas={random.Next(1, 13)}")).ShouldSucceed(); break;
                case 1: // a rollout; kubectl refuses to restart twice in a second
                    (await _cluster.KubectlAsync("set", "env", "deployment/soak", $"STEP={steps}")).ShouldSucceed();
                    break;
                default:
                    if (broken is not null) break; // two left of three are few enough
                    var (worker, (mishap, end)) = (Workers[random.Next(Workers.Length)], Mishaps[random.Next(Mishaps.Length)]);
                    await ActAsync("node", mishap, worker);
                    broken = (worker, end);
                    break;
            }
        }

        return steps;
    }

    private async Task ActAsync(params string[] command)
    {
        output.WriteLine(string.Join(' ', command));
        (await _cluster.ActorClusterAsync(command)).ShouldSucceed();
    }

    /// <summary>Waits until all is well and everything is accounted for.</summary>
    private async Task<ClusterAccounts> SettleAsync()
    {
        await Eventually.SeeAsync(() => _cluster.ActorClusterAsync("status"), status => status.ExitCode == 0, "all processes run and all nodes are Ready");
        (await _cluster.KubectlAsync("rollout", "status", "deployment/soak", "--timeout=240s")).ShouldSucceed();
        // What a node that was stopped has left, if it came back too soon for its pods to be evicted: they stay until somebody tidies up.
        (await _cluster.KubectlAsync("delete", "pods", "--all-namespaces", "--field-selector", "status.phase=Failed")).ShouldSucceed();
        await _cluster.NamesAreAnsweredAsync();
        await _cluster.ServiceIsKnownAsync("soak", "app=soak");
        return await Eventually.SeeAsync(() => ClusterAccounts.ReadAsync(_cluster, "soak", Replicas), accounts => accounts.Unaccounted.Count == 0, "everything is accounted for");
    }
}
