using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks;

/// <summary>Every benchmark there is, in the order of the README's table.</summary>
internal static class Catalog
{
    public static IReadOnlyList<IBenchmark> All { get; } =
    [
        new Network.PodToPodBenchmark(),
        new Network.ServiceFlowBenchmark(),
        new Http.PodToPodHttpBenchmark(16),
        new Http.PodToPodHttpBenchmark(64),
        new Http.ProcessToProcessHttpBenchmark(),
        new Network.LinkBenchmark(),
        new Api.CreateBenchmark(),
        new Pods.IdlePodBenchmark(),
        new Processes.UpBenchmark(),
    ];
}
