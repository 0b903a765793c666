using System.Globalization;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;

namespace ActorCluster.Network.Tracing;

/// <summary>The end of a traced packet's way: is there a socket for it?</summary>
public static class Arrival
{
    /// <param name="network">The receiver's own namespace; null: it has none now.</param>
    public static TraceReport Complete(TraceReport report, NetworkNamespace? network)
    {
        if (network is null) return (report with { Outcome = TraceOutcome.Dropped, Reason = "NoNamespace" }).With("socket", "the pod has no network now");
        var (port, protocol) = report.Packet switch
        {
            TcpPacket tcp => (tcp.DestinationPort, "TCP"),
            UdpPacket udp => (udp.DestinationPort, "UDP"),
            SctpPacket sctp => (sctp.DestinationPort, "SCTP"),
            _ => ((ushort)0, "ICMP"),
        };
        if (protocol == "ICMP") return report.With("socket", "echo requests are answered");
        var number = port.ToString(CultureInfo.InvariantCulture);
        if (network.Accepts(report.Packet)) return report.With("socket", $"a program listens on {protocol} port {number}");
        return (report with { Outcome = TraceOutcome.Refused, Reason = "NoListener" })
            .With("socket", $"nobody listens on {protocol} port {number}: {(protocol == "UDP" ? "port unreachable" : "connection refused")}");
    }
}
