using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Benchmarks.Network;

/// <summary>Tables with any number of services: default/web-0 at 10.96.0.0 with one endpoint, and so on.</summary>
internal static class ManyServices
{
    public const int Few = 10;
    public const int Many = 10_000;

    private const uint FirstClusterIp = 0x0a600000;

    public static readonly IpAddress Client = IpAddress.Parse("10.244.1.2");
    public static readonly IpAddress Server = IpAddress.Parse("10.244.1.3");

    private static readonly NodeRoute Node = new("n1", [IpAddress.Parse("172.18.0.2")], "", [IpNetwork.Parse("10.244.1.0/24")]);

    public static IpAddress ClusterIp(int index) => IpAddress.FromV4(FirstClusterIp + (uint)index);

    /// <param name="targetPort">Of the only endpoint.</param>
    public static ServiceEntry Service(int index, ushort targetPort = 80)
    {
        var name = $"web-{index}";
        return new("default", name, [ClusterIp(index)], null, [new($"default/{name}", "", IpProtocol.Tcp, 80, true, [new(Server, targetPort, Node.Name)], [])]);
    }

    public static NetworkTables Tables(int count)
    {
        var tables = NetworkTables.Empty.WithNode(Node);
        for (var i = 0; i < count; i++) tables = tables.WithService(Service(i));
        return tables;
    }
}
