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
        new Http.ProcessToProcessHttpBenchmark(64, viaService: false, 0.5),
        new Network.LinkBenchmark(),
        new Http.ServiceHttpBenchmark("1", "1 connection", Http.HttpLoad.Small(1), 4.0),
        new Http.ServiceHttpBenchmark("16", "16 connections", Http.HttpLoad.Small(16), 2.5),
        new Http.ServiceHttpBenchmark("64", "64 connections", Http.HttpLoad.Small(64), 2.5),
        new Http.ServiceHttpBenchmark("connect", "a connection per request, 16 at a time", Http.HttpLoad.ConnectionPerRequest(16), 5.0),
        new Http.ServiceHttpBenchmark("large", "bodies of 1 MB, 16 connections", Http.HttpLoad.Large(16), 0.5),
        new Http.ProcessToProcessHttpBenchmark(64, viaService: true, 1.0),
        new Http.ProcessToProcessHttpBenchmark(1, viaService: true, 0.3),
        new Network.FirstPacketBenchmark(),
        new Network.LaterPacketBenchmark(),
        new Network.EndpointChangeBenchmark(),
        new Network.PolicyBenchmark(),
        new Scheduling.PlacementBenchmark(),
        new Api.CreateBenchmark(),
        new Api.ReadBenchmark("api-gets", "pods got through the HTTPS API, 16 clients", pods: 100, clients: 16, "/api/v1/namespaces/default/pods/sample"),
        new Api.ReadBenchmark("api-lists", "lists of 500 pods through the HTTPS API, 4 clients", pods: 499, clients: 4, "/api/v1/namespaces/default/pods"),
        new Api.ListAllocationBenchmark("api-list-memory", "what a list of 5,000 pods allocates", ""),
        new Api.ListAllocationBenchmark("api-list-memory-gzip", "the same, compressed", "gzip"),
        new Api.FanOutBenchmark(),
        new Api.StoreMemoryBenchmark(),
        new Api.RestartBenchmark(),
        new Api.OwnershipBenchmark(),
        new Pods.IdlePodBenchmark(),
        new Processes.UpBenchmark(),
        new Processes.IdleMemoryBenchmark(),
        new Processes.IdleProcessorBenchmark(),
        new Processes.ScaleBenchmark(),
        new Processes.CrowdMemoryBenchmark(),
        new Processes.CrowdPodBenchmark(),
        new Processes.KillBenchmark(),
        new Processes.KillRequestsBenchmark(),
        new Testing.TestKitBenchmark("testkit-first", "the first cluster of three nodes in a test's process, from nothing to Ready", "first", Bar.AtMost(1000, "ms"), "ms"),
        new Testing.TestKitBenchmark("testkit-further", "each further one", "further", Bar.AtMost(100, "ms"), "ms"),
        new Testing.TestKitBenchmark("testkit-memory", "memory of each further one", "memory", Bar.AtMost(20, "MB"), "MB"),
        new Testing.TestKitBenchmark("testkit-parallel", "8 tests of a cluster each in parallel", "parallel", Bar.AtMost(1.0), "ms", "the same one after another", "row"),
        new Testing.TestKitBenchmark("testkit-shop", "six virtual minutes of the shop that loses a node", "shop", Bar.AtMost(300, "ms"), "ms"),
        new Testing.TestKitBenchmark("testkit-cron", "30 virtual days of a CronJob of every hour", "cron", Bar.AtMost(10_000, "ms"), "ms"),
    ];
}
