using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tests.Forwarding;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using Akka.Configuration;

namespace ActorCluster.Network.Tests.Links;

/// <summary>Two actor systems joined by Akka.Remote, as two processes are.</summary>
public class AkkaPacketLinkSpecs : PatientTestKit
{
    private const string Remoting = """
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """;

    private readonly ActorSystem _far;
    private readonly AkkaPacketLink _link;
    private readonly AkkaPacketLink _farLink;

    public AkkaPacketLinkSpecs() : base(Remoting + NetworkSerialization.Config)
    {
        _far = ActorSystem.Create("far", ConfigurationFactory.ParseString(Remoting + NetworkSerialization.Config));
        _link = AkkaPacketLink.Start(Sys, SimulationContext.RealTime(1), direct: false);
        _farLink = AkkaPacketLink.Start(_far, SimulationContext.RealTime(2), direct: false);
    }

    private string FarAddress => ((ExtendedActorSystem)_far).Provider.DefaultAddress.ToString();

    [Fact]
    public void Packets_arrive_at_the_right_node_in_order()
    {
        var (one, two) = (CreateTestProbe(_far), CreateTestProbe(_far));
        _farLink.Attach("far-1", one);
        _farLink.Attach("far-2", two);
        var large = new byte[65_000];
        new Random(1).NextBytes(large);
        for (var i = 0; i < 1000; i++)
        {
            _link.Send(Route("far-1"), new UdpPacket(TestTables.Pod11, TestTables.Pod21, (ushort)i, 2, i % 100 == 0 ? large : default));
            _link.Send(Route("far-2"), new UdpPacket(TestTables.Pod21, TestTables.Pod11, (ushort)i, 2, default));
        }
        for (var i = 0; i < 1000; i++)
        {
            var packet = one.ExpectMsg<UdpPacket>();
            packet.SourcePort.ShouldBe((ushort)i);
            if (i % 100 == 0) packet.Payload.Span.SequenceEqual(large).ShouldBeTrue();
            two.ExpectMsg<UdpPacket>().SourcePort.ShouldBe((ushort)i);
        }
        (_link.Counters.Sent, _farLink.Counters.Received, _link.Counters.Lost).ShouldBe((2000, 2000, 0));
    }

    [Fact]
    public void A_node_of_this_process_is_reached_without_the_network()
    {
        var probe = CreateTestProbe();
        _link.Attach("near", probe);
        var packet = TestTables.Syn(TestTables.Pod11, TestTables.Pod12);
        _link.Send(new("near", [], "", []), packet);
        probe.ExpectMsg<TcpPacket>().ShouldBeSameAs(packet);
        _link.Detach("near", probe);
        _link.Send(new("near", [], "", []), packet);
        _link.Counters.Lost.ShouldBe(1);
    }

    [Fact]
    public void Packets_to_a_node_that_left_its_process_are_counted_as_lost_there()
    {
        _link.Send(Route("nobody"), TestTables.Syn(TestTables.Pod11, TestTables.Pod12));
        AwaitAssert(() => _farLink.Counters.Lost.ShouldBe(1));
    }

    [Fact]
    public async Task Packets_to_a_dead_process_are_lost_and_counted_and_reach_its_successor_at_the_same_address()
    {
        var route = Route("far-1");
        var port = new Uri(FarAddress).Port;
        await _far.Terminate();
        var packet = TestTables.Syn(TestTables.Pod11, TestTables.Pod12);
        _link.Send(route, packet);
        await AwaitAssertAsync(() => _link.Counters.Lost.ShouldBeGreaterThan(0));

        using var successor = ActorSystem.Create("far", ConfigurationFactory.ParseString(Remoting.Replace("port = 0", $"port = {port}") + NetworkSerialization.Config));
        var probe = CreateTestProbe(successor);
        AkkaPacketLink.Start(successor, SimulationContext.RealTime(3)).Attach("far-1", probe);
        // Akka keeps an address it could not reach shut for some seconds (retry-gate-closed-for); then packets get through again.
        await AwaitAssertAsync(() =>
        {
            _link.Send(route, packet);
            probe.ExpectMsg<TcpPacket>(TimeSpan.FromMilliseconds(200));
        }, TimeSpan.FromSeconds(60));
        await successor.Terminate();
    }

    protected override void AfterAll()
    {
        _far.Terminate().GetAwaiter().GetResult();
        base.AfterAll();
    }

    private NodeRoute Route(string node) => new(node, [], FarAddress, []);
}
