using ActorCluster.Benchmarks.Harness;
using ActorCluster.Benchmarks.Network;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Links;

namespace ActorCluster.Benchmarks.Http;

/// <summary>Pods of two worker processes: Kestrel over simulated TCP over Akka.Remote, against Kestrel over the kernel's TCP.</summary>
internal sealed class ProcessToProcessHttpBenchmark : IBenchmark
{
    private const int Connections = 64;

    public string Id => "http-processes";
    public string Subject => $"HTTP between two worker processes, {Connections} connections";
    public string Yardstick => "the same between two processes over loopback sockets";
    public Bar Bar => Bar.AtLeast(0.5);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        using var system = LinkPeer.StartSystem();
        var simulation = SimulationContext.RealTime(1);
        var here = HttpPeer.AddressOf(system);
        await using var peer = await ChildProcess.StartAsync(HttpPeer.Role, here);
        var link = AkkaPacketLink.Start(system, simulation);
        var node = SimulatedPod.StartNode(system, simulation, link, HttpPeer.ClientNode(here), HttpPeer.Tables(here, peer.ReadyWords[0]));
        using var inPod = SimulatedPod.Start(system, simulation, node, "10.244.1.2").CreateClient(Connections);
        using var onLoopback = new HttpMessageInvoker(HttpLoad.NewHandler(Connections));
        return await SideBySide.MeasureAsync(settings, "requests/s",
            () => HttpLoad.RunAsync(inPod, new Uri($"http://{HttpPeer.ServerAddress}/"), Connections, settings.Duration),
            () => HttpLoad.RunAsync(onLoopback, new Uri(peer.ReadyWords[1]), Connections, settings.Duration));
    }
}
