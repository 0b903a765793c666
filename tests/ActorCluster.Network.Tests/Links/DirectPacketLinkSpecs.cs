using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tests.Forwarding;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;

namespace ActorCluster.Network.Tests.Links;

/// <summary>Two actor systems, as two processes are, whose links find each other by Akka and then carry packets by sockets of their own.</summary>
public class DirectPacketLinkSpecs : PatientTestKit
{
    private const string Remoting = """
        akka.actor.provider = remote
        akka.remote.retry-gate-closed-for = 200ms
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """;

    private readonly ActorSystem _far;
    private readonly AkkaPacketLink _link;
    private readonly AkkaPacketLink _farLink;

    public DirectPacketLinkSpecs() : base(Remoting + NetworkSerialization.Config)
    {
        _far = ActorSystem.Create("far", ConfigurationFactory.ParseString(Remoting + NetworkSerialization.Config));
        _link = AkkaPacketLink.Start(Sys, SimulationContext.RealTime(1));
        _farLink = AkkaPacketLink.Start(_far, SimulationContext.RealTime(2));
    }

    private string FarAddress => ((ExtendedActorSystem)_far).Provider.DefaultAddress.ToString();

    [Fact]
    public async Task Once_processes_know_each_other_packets_go_straight_and_in_order()
    {
        var (one, two) = (CreateTestProbe(_far), CreateTestProbe(_far));
        _farLink.Attach("far-1", one);
        _farLink.Attach("far-2", two);
        await ConnectAsync("far-1", one);

        // A packet is counted once it has been sent, which may be after it came.
        await AwaitAssertAsync(() => _link.Counters.Sent.ShouldBe(_farLink.Counters.Received), Patience);
        var (sent, received) = (_link.Counters.Sent, _farLink.Counters.Received);
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
        await AwaitAssertAsync(() => (_link.Counters.Sent - sent, _farLink.Counters.Received - received, _link.Counters.Lost).ShouldBe((2000, 2000, 0)), Patience);
        _link.IsDirect(FarAddress).ShouldBeTrue();
    }

    [Fact]
    public async Task A_process_that_comes_back_at_its_address_is_connected_anew()
    {
        var probe = CreateTestProbe(_far);
        _farLink.Attach("far-1", probe);
        await ConnectAsync("far-1", probe);
        var (route, port) = (Route("far-1"), new Uri(FarAddress).Port);
        await _far.Terminate();

        using var successor = ActorSystem.Create("far", ConfigurationFactory.ParseString(Remoting.Replace("port = 0", $"port = {port}") + NetworkSerialization.Config));
        var heir = CreateTestProbe(successor);
        AkkaPacketLink.Start(successor, SimulationContext.RealTime(3)).Attach("far-1", heir);
        await AwaitAssertAsync(() =>
        {
            _link.Send(route, TestTables.Syn(TestTables.Pod11, TestTables.Pod12));
            heir.ExpectMsg<TcpPacket>(TimeSpan.FromMilliseconds(200));
            _link.IsDirect(FarAddress).ShouldBeTrue();
        }, Patience);
        await successor.Terminate();
    }

    [Fact]
    public async Task While_the_cluster_says_that_a_process_is_out_of_reach_there_is_no_connection_to_it()
    {
        var probe = CreateTestProbe(_far);
        _farLink.Attach("far-1", probe);
        await ConnectAsync("far-1", probe);
        Sys.EventStream.Publish(new ProcessReachabilityChanged(FarAddress, Reachable: false));
        await AwaitAssertAsync(() => _link.IsDirect(FarAddress).ShouldBeFalse(), Patience);
        await ConnectAsync("far-1", probe); // the next packets find the way again
    }

    [Fact]
    public async Task Who_does_not_know_the_secret_gets_no_packet_in()
    {
        using var listener = DirectListener.Start(IPAddress.Loopback, _ => TestActor.Tell("a batch"), SimulationContext.RealTime(4));
        (await DirectConnection.ConnectAsync("127.0.0.1", listener.Offer with { Secret = DirectLinkSecret.Create() }, CancellationToken.None)).ShouldBeNull();

        using var known = await DirectConnection.ConnectAsync("127.0.0.1", listener.Offer, CancellationToken.None);
        await known!.SendAsync([new("n", TestTables.Syn(TestTables.Pod11, TestTables.Pod12))]);
        ExpectMsg("a batch");
    }

    [Fact]
    public async Task A_listener_that_does_not_know_the_secret_gets_no_packet()
    {
        using var stranger = new Socket(SocketType.Stream, ProtocolType.Tcp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        stranger.Listen();
        var connecting = DirectConnection.ConnectAsync("127.0.0.1", new((ushort)((IPEndPoint)stranger.LocalEndPoint!).Port, DirectLinkSecret.Create()), CancellationToken.None);
        using var caller = await stranger.AcceptAsync();
        await caller.SendAsync(new byte[DirectLinkSecret.ProofLength]);
        (await connecting).ShouldBeNull();
    }

    [Fact]
    public async Task Nonsense_ends_its_connection_and_no_other()
    {
        var simulation = SimulationContext.RealTime(5) with { ReportFault = (_, _) => { } };
        using var listener = DirectListener.Start(IPAddress.Loopback, _ => TestActor.Tell("a batch"), simulation);
        using var good = await DirectConnection.ConnectAsync("127.0.0.1", listener.Offer, CancellationToken.None);
        foreach (var nonsense in (byte[][])[[0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 3, 0, 9, 1]])
        {
            using var bad = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await bad.ConnectAsync("127.0.0.1", listener.Offer.Port);
            await bad.SendAsync(DirectLinkSecret.CallersProof(listener.Offer.Secret));
            (await DirectConnection.ReceiveAllAsync(bad, new byte[DirectLinkSecret.ProofLength], CancellationToken.None)).ShouldBeTrue();
            await bad.SendAsync(nonsense);
            (await bad.ReceiveAsync(new byte[1])).ShouldBe(0);
        }
        await good!.SendAsync([new("n", TestTables.Syn(TestTables.Pod11, TestTables.Pod12))]);
        ExpectMsg("a batch");
    }

    protected override void AfterAll()
    {
        _far.Terminate().GetAwaiter().GetResult();
        base.AfterAll();
    }

    /// <summary>Sends packets until they go straight.</summary>
    private async Task ConnectAsync(string node, TestProbe probe)
    {
        await AwaitAssertAsync(() =>
        {
            _link.Send(Route(node), TestTables.Syn(TestTables.Pod11, TestTables.Pod12));
            probe.ExpectMsg<TcpPacket>(Patience);
            _link.IsDirect(FarAddress).ShouldBeTrue();
        }, Patience);
    }

    private NodeRoute Route(string node) => new(node, [], FarAddress, []);
}
