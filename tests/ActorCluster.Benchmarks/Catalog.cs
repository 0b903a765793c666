using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks;

/// <summary>Every benchmark there is, in the order of the README's table.</summary>
internal static class Catalog
{
    public static IReadOnlyList<IBenchmark> All { get; } =
    [
        new Network.PodToPodBenchmark(),
        new Network.ServiceFlowBenchmark(),
        new Network.LinkBenchmark(),
        new Processes.UpBenchmark(),
    ];
}
