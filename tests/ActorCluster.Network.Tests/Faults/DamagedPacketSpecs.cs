using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tests.Stack;

namespace ActorCluster.Network.Tests.Faults;

public class DamagedPacketSpecs
{
    [Fact]
    public void A_receiver_drops_a_damaged_packet()
    {
        var world = new VirtualWorld();
        var socket = world.Add(FaultWorld.Server.ToString()).BindUdp(new(IpAddress.AnyV4, 53));
        world.Deliver(FaultWorld.Datagram(1) with { IsDamaged = true });
        world.Deliver(FaultWorld.Datagram(2));
        world.Run(socket.ReceiveAsync().AsTask()).Remote.Port.ShouldBe((ushort)2);
    }

    [Fact]
    public void Its_bytes_differ_in_one_bit_and_it_stays_damaged_when_it_is_translated()
    {
        var packet = FaultWorld.Datagram(1, size: 10);
        var (whole, damaged) = (PacketBytes.Of(packet), PacketBytes.Of(packet with { IsDamaged = true }));
        whole.Zip(damaged, (one, other) => System.Numerics.BitOperations.PopCount((uint)(one ^ other))).Sum().ShouldBe(1);
        var flow = new FlowKey(FaultWorld.Client, FaultWorld.Other, 1, 53, IpProtocol.Udp);
        (packet with { IsDamaged = true }).WithFlow(flow).IsDamaged.ShouldBeTrue();
    }
}
