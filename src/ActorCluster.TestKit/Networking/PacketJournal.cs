using System.Globalization;
using System.Text;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;

namespace ActorCluster.TestKit.Networking;

/// <summary>What became of the cluster's packets: the last that were lost, and, if it is wanted, a line for each one. Safe for concurrent use.</summary>
internal sealed class PacketJournal(DateTimeOffset start, bool keepAll)
{
    private const int LostKept = 32;
    private readonly Lock _lock = new();
    private readonly StringBuilder _log = new();
    private readonly Queue<string> _lost = new();

    public bool KeepsAll => keepAll;

    /// <summary>The last packets that nobody got, oldest first.</summary>
    public IReadOnlyList<string> Lost
    {
        get { lock (_lock) return [.. _lost]; }
    }

    public string Log
    {
        get { lock (_lock) return _log.ToString(); }
    }

    public void Add(ObservedPacket observed)
    {
        if (!keepAll && !observed.IsLost) return;
        var line = Line(observed);
        lock (_lock)
        {
            if (keepAll) _log.Append(line).Append('\n');
            if (!observed.IsLost) return;
            if (_lost.Count == LostKept) _lost.Dequeue();
            _lost.Enqueue(line);
        }
    }

    /// <summary>Seconds since the cluster's start, the node, the packet, what became of it.</summary>
    private string Line(in ObservedPacket observed)
    {
        var seconds = (observed.Time - start).Ticks / (double)TimeSpan.TicksPerSecond;
        var translated = observed.Sent.Source != observed.Packet.Source || observed.Sent.Destination != observed.Packet.Destination ? $" as {Ends(observed.Sent)}" : "";
        var why = observed.Rule is { } rule ? $"{observed.Reason}: {rule}" : observed.Reason;
        return string.Create(CultureInfo.InvariantCulture, $"{seconds:F7} {observed.Node} {Describe(observed.Packet)} {observed.Fate}{(observed.NextNode is { } next ? $" {next}" : "")} ({why}){translated}");
    }

    private static string Describe(Packet packet) => packet switch
    {
        TcpPacket tcp => string.Create(CultureInfo.InvariantCulture, $"TCP {Ends(tcp)} [{Flags(tcp.Flags)}] seq {tcp.Sequence} ack {tcp.Acknowledgment} win {tcp.Window} len {tcp.Payload.Length}"),
        UdpPacket udp => string.Create(CultureInfo.InvariantCulture, $"UDP {Ends(udp)} len {udp.Payload.Length}"),
        SctpPacket sctp => string.Create(CultureInfo.InvariantCulture, $"SCTP {Ends(sctp)} len {sctp.Length}"),
        IcmpPacket icmp => string.Create(CultureInfo.InvariantCulture, $"ICMP {Ends(icmp)} {icmp.Kind} id {icmp.Identifier} seq {icmp.SequenceNumber}"),
        _ => $"{packet.GetType().Name} {Ends(packet)}",
    };

    private static string Ends(Packet packet) => packet switch
    {
        TcpPacket tcp => $"{End(tcp.Source.ToString(), tcp.SourcePort)} > {End(tcp.Destination.ToString(), tcp.DestinationPort)}",
        UdpPacket udp => $"{End(udp.Source.ToString(), udp.SourcePort)} > {End(udp.Destination.ToString(), udp.DestinationPort)}",
        SctpPacket sctp => $"{End(sctp.Source.ToString(), sctp.SourcePort)} > {End(sctp.Destination.ToString(), sctp.DestinationPort)}",
        _ => $"{packet.Source} > {packet.Destination}",
    };

    private static string End(string address, ushort port) =>
        address.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port}") : string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");

    private static string Flags(TcpFlags flags)
    {
        var text = new StringBuilder();
        if (flags.HasFlag(TcpFlags.Syn)) text.Append('S');
        if (flags.HasFlag(TcpFlags.Fin)) text.Append('F');
        if (flags.HasFlag(TcpFlags.Rst)) text.Append('R');
        if (flags.HasFlag(TcpFlags.Psh)) text.Append('P');
        if (flags.HasFlag(TcpFlags.Ack)) text.Append('.');
        return text.ToString();
    }
}
