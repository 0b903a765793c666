using ActorCluster.Benchmarks.Harness;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Links;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Http;

/// <summary>A pod and a ClusterIP with three endpoints on its node, against loopback sockets.</summary>
internal sealed class ServiceHttpBenchmark(string id, string subject, HttpLoad load, double bar) : IBenchmark
{
    public string Id => $"http-service-{id}";
    public string Subject => $"HTTP through a ClusterIP in one process, {subject}";
    public string Yardstick => "the same HttpClient and Kestrel over loopback sockets";
    public Bar Bar => Bar.AtLeast(bar);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        using var system = ActorSystem.Create("benchmark");
        var simulation = SimulationContext.RealTime(1);
        await using var server = new SharedHttpServer(simulation);
        var node = SimulatedPod.StartNode(system, simulation, AkkaPacketLink.Start(system, simulation), HttpPeer.ClientNode(""), HttpPeer.Tables("", ""));
        foreach (var endpoint in HttpPeer.LocalEndpoints) SimulatedPod.Start(system, simulation, node, endpoint).Serve(server);
        using var inPod = SimulatedPod.Start(system, simulation, node, HttpPeer.ClientAddress).CreateClient(load.Connections);

        await using var loopback = await LoopbackServer.StartAsync();
        using var onLoopback = new HttpMessageInvoker(HttpLoad.NewHandler(load.Connections));
        return await SideBySide.MeasureAsync(settings, "requests/s",
            () => load.RunAsync(inPod, new Uri($"http://{HttpPeer.LocalService}/"), settings.Turn),
            () => load.RunAsync(onLoopback, loopback.Address, settings.Turn));
    }
}
