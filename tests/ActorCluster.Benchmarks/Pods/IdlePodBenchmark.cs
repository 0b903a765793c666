using System.Globalization;
using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Pods;

/// <summary>What one more pod that does nothing costs, with all that is kept about it: in the store, in the controllers, on its node.</summary>
internal sealed class IdlePodBenchmark : IBenchmark
{
    private const int Pods = 10_000;

    public string Id => "idle-pods";
    public string Subject => $"memory of an idle pause pod, {Pods:N0} of them, everything counted";
    public string Yardstick => "";
    public Bar Bar => Bar.AtMost(60, "KB");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var peer = await ChildProcess.StartAsync(IdlePods.Role, Pods.ToString(CultureInfo.InvariantCulture));
        var resident = long.Parse(peer.ReadyWords[0], CultureInfo.InvariantCulture);
        var managed = long.Parse(peer.ReadyWords[1], CultureInfo.InvariantCulture);
        return new Measurement(resident / 1024.0 / Pods, null, "KB", $"{managed / 1024.0 / Pods:0} KB of it managed");
    }
}
