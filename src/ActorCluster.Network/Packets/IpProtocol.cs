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
