using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Links;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Network;

/// <summary>What the packet link costs on top of the socket below it.</summary>
internal sealed class LinkBenchmark : IBenchmark
{
    private const int Window = 16;

    public string Id => "packets-link";
    public string Subject => "packets a second between two processes";
    public string Yardstick => "the same frames over a raw socket with System.IO.Pipelines";
    public Bar Bar => Bar.AtLeast(0.5);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        using var system = LinkPeer.StartSystem();
        var link = AkkaPacketLink.Start(system, SimulationContext.RealTime(1));
        await using var peer = await ChildProcess.StartAsync(LinkPeer.Role, ((ExtendedActorSystem)system).Provider.DefaultAddress.ToString());
        var port = int.Parse(peer.ReadyWords[1], System.Globalization.CultureInfo.InvariantCulture);
        return await SideBySide.MeasureAsync(settings, "packets/s",
            () => OverLinkAsync(system, link, peer.ReadyWords[0], settings.Turn, cancellationToken),
            () => OverSocketAsync(port, settings.Turn, cancellationToken));
    }

    private static async Task<double> OverLinkAsync(ActorSystem system, AkkaPacketLink link, string address, TimeSpan duration, CancellationToken cancellationToken)
    {
        var route = new NodeRoute("far", [], address, []);
        var credit = new SemaphoreSlim(Window);
        var receiver = system.ActorOf(Props.Create(() => new CreditActor(credit)));
        link.Attach("near", receiver);
        var (sent, clock) = (0L, Stopwatch.StartNew());
        while (clock.Elapsed < duration)
        {
            await credit.WaitAsync(cancellationToken);
            for (var i = 0; i < LinkPeer.Chunk; i++) link.Send(route, LinkPeer.Packet);
            sent += LinkPeer.Chunk;
        }
        for (var i = 0; i < Window; i++) await credit.WaitAsync(cancellationToken); // all that was sent has come
        var rate = sent / clock.Elapsed.TotalSeconds;
        link.Detach("near", receiver);
        return rate;
    }

    private static async Task<double> OverSocketAsync(int port, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port, cancellationToken);
        var stream = client.GetStream();
        var (input, output) = (PipeReader.Create(stream), PipeWriter.Create(stream));
        var credit = new SemaphoreSlim(Window);
        var reading = ReadCreditsAsync(input, credit);
        var (sent, clock) = (0L, Stopwatch.StartNew());
        while (clock.Elapsed < duration)
        {
            await credit.WaitAsync(cancellationToken);
            for (var i = 0; i < LinkPeer.Chunk; i++) LinkPeer.WriteFrame(output, PacketCodec.Encode(LinkPeer.Packet));
            await output.FlushAsync(cancellationToken);
            sent += LinkPeer.Chunk;
        }
        for (var i = 0; i < Window; i++) await credit.WaitAsync(cancellationToken);
        var rate = sent / clock.Elapsed.TotalSeconds;
        client.Client.Shutdown(SocketShutdown.Send);
        await reading;
        return rate;
    }

    private static async Task ReadCreditsAsync(PipeReader input, SemaphoreSlim credit)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            while (LinkPeer.TryTakeFrame(ref buffer, out _)) credit.Release();
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) return;
        }
    }

    private sealed class CreditActor(SemaphoreSlim credit) : UntypedActor
    {
        protected override void OnReceive(object message) => credit.Release();
    }
}
