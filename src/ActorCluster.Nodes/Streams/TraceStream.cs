using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tracing;
using Akka.Actor;

namespace ActorCluster.Nodes.Streams;

/// <summary>Answers a <see cref="TraceRequest"/> with what the node's network reports, as a JSON document.</summary>
internal static class TraceStream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<StreamExit> RunAsync(IActorRef network, TraceRequest request, IContainerStreamPeer peer)
    {
        var probe = new TracePacket(PacketOf(request), request.IsFirst);
        TraceReport report;
        try
        {
            report = await network.Ask<TraceReport>(probe, Patience, peer.CallerGone);
        }
        catch (AskTimeoutException)
        {
            // A pod that ends in that moment doesn't answer any more.
            throw new ContainerStreamException(504, "Timeout", "the pod that the packet reached doesn't answer");
        }
        await peer.WriteAsync(StreamChannel.Stdout, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(ToJson(report)), peer.CallerGone);
        return new StreamExit(null);
    }

    private static JsonObject ToJson(TraceReport report)
    {
        var packet = report.Packet;
        var (sourcePort, port) = packet switch
        {
            TcpPacket tcp => (tcp.SourcePort, tcp.DestinationPort),
            UdpPacket udp => (udp.SourcePort, udp.DestinationPort),
            SctpPacket sctp => (sctp.SourcePort, sctp.DestinationPort),
            _ => ((ushort)0, (ushort)0),
        };
        return new JsonObject
        {
            ["node"] = report.Node,
            ["steps"] = new JsonArray([.. report.Steps.Select(step => (JsonNode)new JsonObject { ["stage"] = step.Stage, ["detail"] = step.Detail })]),
            ["outcome"] = report.Outcome.ToString(),
            ["reason"] = report.Reason,
            ["nextNode"] = report.NextNode,
            ["source"] = packet.Source.ToString(),
            ["sourcePort"] = sourcePort,
            ["destination"] = packet.Destination.ToString(),
            ["port"] = port,
            ["timeToLive"] = packet.TimeToLive,
        };
    }

    private static Packet PacketOf(TraceRequest request)
    {
        if (!IpAddress.TryParse(request.Source, out var source)) throw Bad("source", request.Source);
        if (!IpAddress.TryParse(request.Destination, out var destination)) throw Bad("destination", request.Destination);
        var sourcePort = (ushort)Number("sourcePort", request.SourcePort, ushort.MaxValue);
        var port = (ushort)Number("port", request.Port, ushort.MaxValue);
        var hops = (byte)Number("timeToLive", request.TimeToLive, byte.MaxValue);
        return ProbePackets.Of(request.Protocol, source, destination, sourcePort, port, hops) ?? throw Bad("protocol", request.Protocol);
    }

    private static int Number(string name, int value, int most) =>
        value >= 0 && value <= most ? value : throw Bad(name, value.ToString(CultureInfo.InvariantCulture));

    private static ContainerStreamException Bad(string name, string value) => new(400, "BadRequest", $"'{value}' is no {name}");
}
