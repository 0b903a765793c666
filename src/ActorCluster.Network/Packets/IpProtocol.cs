namespace ActorCluster.Network.Packets;

/// <summary>The IP header's protocol numbers (IANA).</summary>
public enum IpProtocol : byte
{
    Icmp = 1,
    Tcp = 6,
    Udp = 17,
    IcmpV6 = 58,
    Sctp = 132,
}

public static class IpProtocols
{
    /// <summary>The protocol of a port, as Kubernetes writes it; without one it is TCP.</summary>
    public static IpProtocol OfPort(string? name) => name switch
    {
        "UDP" => IpProtocol.Udp,
        "SCTP" => IpProtocol.Sctp,
        _ => IpProtocol.Tcp,
    };
}
