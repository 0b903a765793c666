using ActorCluster.Benchmarks.Harness;
using ActorCluster.Benchmarks.Network;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Links;

namespace ActorCluster.Benchmarks.Http;

/// <summary>Pods of two worker processes: Kestrel over simulated TCP over the packet link, against Kestrel over the kernel's TCP.</summary>
/// <param name="viaService">Through a ClusterIP with three endpoints, all in the other process.</param>
internal sealed class ProcessToProcessHttpBenchmark(int connections, bool viaService, double bar) : IBenchmark
{
    public string Id => $"http-processes-{(viaService ? "service-" : "")}{connections}";
    public string Subject => $"HTTP {(viaService ? "through a ClusterIP " : "")}between two worker processes, {connections} {(connections == 1 ? "connection" : "connections")}";
    public string Yardstick => "the same between two processes over loopback sockets";
    public Bar Bar => Bar.AtLeast(bar);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        using var system = LinkPeer.StartSystem();
        var simulation = SimulationContext.RealTime(1);
        var here = HttpPeer.AddressOf(system);
        await using var peer = await ChildProcess.StartAsync(HttpPeer.Role, here);
        var link = AkkaPacketLink.Start(system, simulation);
        var node = SimulatedPod.StartNode(system, simulation, link, HttpPeer.ClientNode(here), HttpPeer.Tables(here, peer.ReadyWords[0]));
        using var inPod = SimulatedPod.Start(system, simulation, node, HttpPeer.ClientAddress).CreateClient(connections);
        using var onLoopback = new HttpMessageInvoker(HttpLoad.NewHandler(connections));
        var load = HttpLoad.Small(connections);
        var target = new Uri($"http://{(viaService ? HttpPeer.RemoteService : HttpPeer.RemoteEndpoints[0])}/");
        return await SideBySide.MeasureAsync(settings, "requests/s",
            () => load.RunAsync(inPod, target, settings.Turn),
            () => load.RunAsync(onLoopback, new Uri(peer.ReadyWords[1]), settings.Turn));
    }
}
