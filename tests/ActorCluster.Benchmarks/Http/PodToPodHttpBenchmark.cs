using ActorCluster.Benchmarks.Harness;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Links;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Http;

/// <summary>What simulated TCP costs, or saves, under Kestrel and HttpClient: two pods of one node against loopback sockets.</summary>
internal sealed class PodToPodHttpBenchmark(int connections) : IBenchmark
{
    public string Id => $"http-{connections}";
    public string Subject => $"HTTP pod to pod in one process, {connections} connections";
    public string Yardstick => "the same HttpClient and Kestrel over loopback sockets";
    public Bar Bar => Bar.AtLeast(1.5);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        using var system = ActorSystem.Create("benchmark");
        var simulation = SimulationContext.RealTime(1);
        await using var server = new SharedHttpServer(simulation);
        NodeRoute route = new("n1", [IpAddress.Parse("172.18.0.2")], "", [IpNetwork.Parse("10.244.1.0/24")]);
        var node = SimulatedPod.StartNode(system, simulation, AkkaPacketLink.Start(system, simulation), route, NetworkTables.Empty.WithNode(route));
        var web = SimulatedPod.Start(system, simulation, node, "10.244.1.3");
        web.Serve(server);
        using var inPod = SimulatedPod.Start(system, simulation, node, "10.244.1.2").CreateClient(connections);

        await using var loopback = await LoopbackServer.StartAsync();
        using var onLoopback = new HttpMessageInvoker(HttpLoad.NewHandler(connections));
        var target = new Uri($"http://{web.Address}/");
        var load = HttpLoad.Small(connections);
        return await SideBySide.MeasureAsync(settings, "requests/s",
            () => load.RunAsync(inPod, target, settings.Turn),
            () => load.RunAsync(onLoopback, loopback.Address, settings.Turn));
    }
}
