using System.Threading.Channels;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Capturing;
using Akka.Actor;

namespace ActorCluster.Nodes.Streams;

/// <summary>Serves a <see cref="CaptureRequest"/>: frames of captured packets on stdout until the caller goes.</summary>
internal static class CaptureStream
{
    /// <summary>Packets that may wait for a slow reader; more are left out, as libpcap does it.</summary>
    private const int MostWaiting = 65536;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<StreamExit> RunAsync(IActorRef network, CaptureRequest request, IContainerStreamPeer peer)
    {
        var waiting = Channel.CreateBounded<CapturedPacket>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        void Sink(CapturedPacket captured) => waiting.Writer.TryWrite(captured);
        var start = new StartCapture(Sink, [.. request.Pods]);
        await network.Ask<StartCapture>(start, Patience, peer.CallerGone);
        peer.Accept();
        try
        {
            await foreach (var captured in waiting.Reader.ReadAllAsync(peer.CallerGone))
                await peer.WriteAsync(StreamChannel.Stdout, CaptureFrame.Of(captured).Encode(), peer.CallerGone);
            return new StreamExit(null);
        }
        finally
        {
            network.Tell(new StopCapture(start.Sink), ActorRefs.NoSender);
        }
    }
}
