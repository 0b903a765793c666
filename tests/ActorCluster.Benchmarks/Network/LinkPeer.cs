using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;
using Akka.Configuration;

namespace ActorCluster.Benchmarks.Network;

/// <summary>The far process of <see cref="LinkBenchmark"/>: counts packets that come by the link and by a raw socket, and grants credit for them.</summary>
internal static class LinkPeer
{
    public const string Role = "packet-link";
    public const int Chunk = 1000;

    public static readonly TcpPacket Packet = new(IpAddress.Parse("10.244.1.2"), IpAddress.Parse("10.244.2.2"), 40000, 80, 1, 1, TcpFlags.Ack, 1000, new byte[100]);

    public static readonly UdpPacket Grant = new(IpAddress.Parse("10.244.2.2"), IpAddress.Parse("10.244.1.2"), 1, 1, default);

    public static ActorSystem StartSystem() => ActorSystem.Create(WellKnown.ActorSystemName, ConfigurationFactory.ParseString("""
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.loglevel = WARNING

        """ + NetworkSerialization.Config));

    public static async Task RunAsync(string backAddress)
    {
        using var system = StartSystem();
        var link = AkkaPacketLink.Start(system, SimulationContext.RealTime(1));
        link.Attach("far", system.ActorOf(Props.Create(() => new CountActor(link, backAddress))));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = ServeAsync(listener);
        await ChildProcess.ReadyAsync(((ExtendedActorSystem)system).Provider.DefaultAddress, ((IPEndPoint)listener.LocalEndpoint).Port);
    }

    /// <summary>A packet behind its length.</summary>
    public static bool TryTakeFrame(ref ReadOnlySequence<byte> buffer, out byte[] frame)
    {
        var reader = new SequenceReader<byte>(buffer);
        frame = [];
        if (!reader.TryReadBigEndian(out int length) || reader.Remaining < length) return false;
        var content = buffer.Slice(reader.Position, length);
        frame = content.ToArray();
        buffer = buffer.Slice(content.End);
        return true;
    }

    public static void WriteFrame(PipeWriter writer, byte[] frame)
    {
        var span = writer.GetSpan(4 + frame.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, frame.Length);
        frame.CopyTo(span[4..]);
        writer.Advance(4 + frame.Length);
    }

    private static async Task ServeAsync(TcpListener listener)
    {
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            client.NoDelay = true;
            var stream = client.GetStream();
            var (input, output) = (PipeReader.Create(stream, new(bufferSize: 65536)), PipeWriter.Create(stream));
            var count = 0L;
            while (true)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                while (TryTakeFrame(ref buffer, out var frame))
                {
                    PacketCodec.DecodePacket(frame);
                    if (++count % Chunk == 0) WriteFrame(output, PacketCodec.Encode(Grant));
                }
                input.AdvanceTo(buffer.Start, buffer.End);
                if (output.UnflushedBytes > 0) await output.FlushAsync();
                if (result.IsCompleted) break;
            }
        }
    }

    private sealed class CountActor(AkkaPacketLink link, string backAddress) : UntypedActor
    {
        private readonly NodeRoute _back = new("near", [], backAddress, []);
        private long _count;

        protected override void OnReceive(object message)
        {
            if (++_count % Chunk == 0) link.Send(_back, Grant);
        }
    }
}
