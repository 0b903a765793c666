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
    private readonly LinkCuts _cuts = new();

    public DirectPacketLinkSpecs() : base(Remoting + NetworkSerialization.Config)
    {
        _far = ActorSystem.Create("far", ConfigurationFactory.ParseString(Remoting + NetworkSerialization.Config));
        _link = AkkaPacketLink.Start(Sys, SimulationContext.RealTime(1), _cuts);
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
    public async Task What_goes_to_a_process_that_is_cut_off_or_comes_from_it_is_lost_until_that_ends()
    {
        var (far, near) = (CreateTestProbe(_far), CreateTestProbe());
        _farLink.Attach("far-1", far);
        _link.Attach("near-1", near);
        await ConnectAsync("far-1", far);
        var nearAddress = ((ExtendedActorSystem)Sys).Provider.DefaultAddress.ToString();
        var toNear = new NodeRoute("near-1", [], nearAddress, []);
        await AwaitAssertAsync(() =>
        {
            _farLink.Send(toNear, Numbered(1));
            near.ExpectMsg<UdpPacket>(TimeSpan.FromMilliseconds(200));
            _farLink.IsDirect(nearAddress).ShouldBeTrue();
        }, Patience);
        while (far.HasMessages) far.ReceiveOne(TimeSpan.Zero);
        while (near.HasMessages) near.ReceiveOne(TimeSpan.Zero);

        _cuts.Replace(System.Collections.Immutable.ImmutableDictionary<string, LinkLoss>.Empty.Add(FarAddress, LinkLoss.Both));
        var lost = _link.Counters.Lost;
        _link.Send(Route("far-1"), Numbered(2));
        _link.Counters.Lost.ShouldBe(lost + 1);
        _farLink.Send(toNear, Numbered(2));
        await AwaitAssertAsync(() => _link.Counters.Lost.ShouldBe(lost + 2), Patience);

        _cuts.Replace([]);
        _link.Send(Route("far-1"), Numbered(3));
        _farLink.Send(toNear, Numbered(3));
        far.ExpectMsg<UdpPacket>().SourcePort.ShouldBe((ushort)3);
        near.ExpectMsg<UdpPacket>().SourcePort.ShouldBe((ushort)3);

        static UdpPacket Numbered(ushort number) => new(TestTables.Pod11, TestTables.Pod21, number, 2, default);
    }

    [Fact]
    public async Task Who_does_not_know_the_secret_gets_no_packet_in()
    {
        using var listener = DirectListener.Start(IPAddress.Loopback, (_, _) => TestActor.Tell("a batch"), SimulationContext.RealTime(4));
        (await DirectConnection.ConnectAsync("127.0.0.1", listener.Offer with { Secret = DirectLinkSecret.Create() }, "akka.tcp://test@127.0.0.1:1", CancellationToken.None)).ShouldBeNull();

        using var known = await DirectConnection.ConnectAsync("127.0.0.1", listener.Offer, "akka.tcp://test@127.0.0.1:1", CancellationToken.None);
        await known!.SendAsync([new("n", TestTables.Syn(TestTables.Pod11, TestTables.Pod12))]);
        ExpectMsg("a batch");
    }

    [Fact]
    public async Task A_listener_that_does_not_know_the_secret_gets_no_packet()
    {
        using var stranger = new Socket(SocketType.Stream, ProtocolType.Tcp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        stranger.Listen();
        var connecting = DirectConnection.ConnectAsync("127.0.0.1", new((ushort)((IPEndPoint)stranger.LocalEndPoint!).Port, DirectLinkSecret.Create()), "akka.tcp://test@127.0.0.1:1", CancellationToken.None);
        using var caller = await stranger.AcceptAsync();
        await caller.SendAsync(new byte[DirectLinkSecret.ProofLength]);
        (await connecting).ShouldBeNull();
    }

    [Fact]
    public async Task Nonsense_ends_its_connection_and_no_other()
    {
        var simulation = SimulationContext.RealTime(5) with { ReportFault = (_, _) => { } };
        using var listener = DirectListener.Start(IPAddress.Loopback, (_, _) => TestActor.Tell("a batch"), simulation);
        using var good = await DirectConnection.ConnectAsync("127.0.0.1", listener.Offer, "akka.tcp://test@127.0.0.1:1", CancellationToken.None);
        foreach (var nonsense in (byte[][])[[0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 3, 0, 9, 1]])
        {
            using var bad = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await bad.ConnectAsync("127.0.0.1", listener.Offer.Port);
            await bad.SendAsync(DirectLinkSecret.CallersProof(listener.Offer.Secret));
            await bad.SendAsync(DirectLinkCaller.Encode("akka.tcp://test@127.0.0.1:1"));
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
