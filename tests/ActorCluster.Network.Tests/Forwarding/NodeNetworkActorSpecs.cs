using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using Akka.TestKit;
using static ActorCluster.Network.Tests.Forwarding.TestTables;

namespace ActorCluster.Network.Tests.Forwarding;

public class NodeNetworkActorSpecs : PatientTestKit
{
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);
    private readonly RecordingLink _link = new();
    private readonly IActorRef _node;

    public NodeNetworkActorSpecs() : base("akka.actor.serialize-messages = on\n" + NetworkSerialization.Config)
    {
        _node = Start(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Packets_between_pods_of_a_node_arrive_as_they_are()
    {
        var (pod11, pod12) = (AttachProbe(Pod11), AttachProbe(Pod12));
        var packet = new UdpPacket(Pod11, Pod12, 1, 2, "x"u8.ToArray());
        _node.Tell(packet, pod11);
        Same(pod12.ExpectMsg<UdpPacket>(), packet);
    }

    [Fact]
    public void Packets_to_other_nodes_go_over_the_link_and_packets_from_it_to_pods()
    {
        var pod11 = AttachProbe(Pod11);
        _node.Tell(Syn(Pod11, Pod21), pod11);
        AwaitAssert(() => _link.Sent.ShouldHaveSingleItem().Node.ShouldBe("n2"));
        _link.Attached["n1"].Tell(Syn(Pod21, Pod11), ActorRefs.NoSender);
        pod11.ExpectMsg<TcpPacket>().Source.ShouldBe(Pod21);
    }

    [Fact]
    public void Only_the_first_packet_of_a_service_flow_visits_its_proxy_and_the_rest_follow_it()
    {
        var (pod11, pod12) = (AttachProbe(Pod11), AttachProbe(Pod12));
        for (var i = 0; i < 5; i++) _node.Tell(Segment(Pod11, ServiceIp, 40000, 80), pod11);
        for (var i = 0; i < 5; i++) pod12.ExpectMsg<TcpPacket>().DestinationPort.ShouldBe((ushort)8080);
        _node.Tell(Segment(Pod12, Pod11, 8080, 40000), pod12);
        var reply = pod11.ExpectMsg<TcpPacket>();
        (reply.Source, reply.SourcePort).ShouldBe((ServiceIp, (ushort)80));
        GetStatistics().ShouldSatisfyAllConditions(s => s.Flows.ShouldBe(1), s => s.ServiceProxies.ShouldBe(1));
    }

    [Fact]
    public void A_service_without_endpoints_refuses()
    {
        var pod11 = AttachProbe(Pod11);
        _node.Tell(new ReplaceTables(TwoNodes.WithService()));
        _node.Tell(Syn(Pod11, ServiceIp), pod11);
        pod11.ExpectMsg<TcpPacket>().Flags.ShouldBe(TcpFlags.Rst | TcpFlags.Ack);
        GetStatistics().Lost["NoEndpoints"].ShouldBe(1);
    }

    [Fact]
    public void An_idle_service_proxy_goes_and_comes_back_with_the_next_flow()
    {
        var node = Start(TimeSpan.FromMilliseconds(50));
        var pod12 = AttachProbe(Pod12, node);
        node.Tell(Syn(Pod11, ServiceIp, 1));
        pod12.ExpectMsg<TcpPacket>();
        AwaitAssert(() => GetStatistics(node).ServiceProxies.ShouldBe(0));
        node.Tell(Syn(Pod11, ServiceIp, 2));
        pod12.ExpectMsg<TcpPacket>();
    }

    [Fact]
    public void A_detached_pod_gets_nothing_and_its_callers_are_told()
    {
        var (pod11, pod12) = (AttachProbe(Pod11), AttachProbe(Pod12));
        _node.Tell(new DetachPod(pod12));
        _node.Tell(new UdpPacket(Pod11, Pod12, 1, 2, default), pod11);
        pod11.ExpectMsg<IcmpPacket>().Kind.ShouldBe(IcmpKind.HostUnreachable);
        _node.Tell(new UdpPacket(Pod12, Pod11, 1, 2, default)); // the marker that shows the silence
        pod11.ExpectMsg<UdpPacket>();
        pod12.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public async Task Pods_talk_tcp_through_a_service_to_each_other_and_to_themselves()
    {
        var client = AttachNamespace(Pod11);
        var server = AttachNamespace(Pod12);
        var listener = server.ListenTcp(new(IpAddress.AnyV4, 8080));
        foreach (var from in new[] { client, server })
        {
            await using var connection = await from.ConnectTcpAsync(new(ServiceIp, 80));
            await using var accepted = (await listener.AcceptAsync()).ShouldNotBeNull();
            await connection.Output.WriteAsync("hello"u8.ToArray());
            (await accepted.Input.ReadAtLeastAsync(5)).Buffer.Length.ShouldBe(5);
            accepted.Remote.Address.ShouldBe(from == client ? Pod11 : Node1); // in-cluster clients keep their address, hairpins are masqueraded
            connection.Remote.ShouldBe(new(ServiceIp, 80));
        }
    }

    [Fact]
    public async Task The_nodes_own_namespace_reaches_pods_and_services_and_answers_pings()
    {
        var host = new NetworkNamespace(new() { Name = "n1", Addresses = [Node1] }, _simulation, packet => _node.Tell(packet, ActorRefs.NoSender));
        _node.Tell(new AttachHost(host));
        var pod = AttachNamespace(Pod12);
        var listener = pod.ListenTcp(new(IpAddress.AnyV4, 8080));
        await using var direct = await host.ConnectTcpAsync(new(Pod12, 8080));
        await using var service = await host.ConnectTcpAsync(new(ServiceIp, 80));
        (await listener.AcceptAsync()).ShouldNotBeNull().Remote.Address.ShouldBe(Node1);
        (await pod.PingAsync(Node1, 56, TimeSpan.FromSeconds(30))).ShouldNotBeNull();
        Should.Throw<SocketFaultException>(() => pod.ConnectTcpAsync(new(Node1, 22))).Fault.ShouldBe(SocketFault.ConnectionRefused);
    }

    [Fact]
    public async Task A_program_of_the_node_reaches_one_beside_it_through_cluster_ip_and_node_port()
    {
        var host = new NetworkNamespace(new() { Name = "n1", Addresses = [Node1] }, _simulation, packet => _node.Tell(packet, ActorRefs.NoSender));
        _node.Tell(new AttachHost(host));
        var service = Service("web", ServiceIp, Node1);
        _node.Tell(new ReplaceTables(TwoNodes.WithService(service with { Ports = [service.Ports[0] with { NodePort = 30080 }] })));
        GetStatistics().Flows.ShouldBe(0); // the tables have arrived
        var listener = host.ListenTcp(new(IpAddress.AnyV4, 8080));
        foreach (var remote in new SocketAddress[] { new(ServiceIp, 80), new(Node1, 30080), new(IpAddress.LoopbackV4, 30080) })
        {
            await using var connection = await host.ConnectTcpAsync(remote);
            await using var accepted = (await listener.AcceptAsync()).ShouldNotBeNull();
            await accepted.Output.WriteAsync("hello"u8.ToArray());
            (await connection.Input.ReadAtLeastAsync(5)).Buffer.Length.ShouldBe(5);
        }
    }

    [Fact]
    public void A_client_with_affinity_stays_with_its_endpoint_until_the_service_is_made_anew()
    {
        var (pod11, pod12) = (AttachProbe(Pod11), AttachProbe(Pod12));
        var service = Service("web", ServiceIp, Pod11, Pod12);
        var tables = TwoNodes.WithService(service with { Ports = [service.Ports[0] with { AffinitySeconds = 1000 }] });
        _node.Tell(new ReplaceTables(tables));
        var client = IpAddress.Parse("10.244.2.9");
        for (ushort i = 0; i < 20; i++) _node.Tell(Syn(client, ServiceIp, (ushort)(1000 + i)));
        GetStatistics().ServiceProxies.ShouldBe(1);
        var (at11, at12) = (0, 0);
        AwaitAssert(() =>
        {
            (at11, at12) = (at11 + Drain(pod11), at12 + Drain(pod12));
            (at11 + at12).ShouldBe(20);
        });
        Math.Max(at11, at12).ShouldBe(20);
        _node.Tell(new ReplaceTables(TwoNodes));
        GetStatistics().ServiceProxies.ShouldBe(0);

        static int Drain(TestProbe probe)
        {
            var count = 0;
            for (; probe.HasMessages; count++) probe.ExpectMsg<TcpPacket>();
            return count;
        }
    }

    [Fact]
    public void A_capture_shows_what_a_pod_sends_and_gets_until_it_is_stopped()
    {
        var (pod11, pod12) = (CreateTestProbe(), CreateTestProbe());
        foreach (var (address, probe, name) in new[] { (Pod11, pod11, "a"), (Pod12, pod12, "b") })
            _node.Tell(new AttachPod([address], probe, new PodIdentity(name, "x", name, new Dictionary<string, string>(), [])));
        var seen = new List<CapturedPacket>();
        var start = new StartCapture(seen.Add, ["x/a"]);
        _node.Tell(start, TestActor);
        ExpectMsg<StartCapture>();
        _node.Tell(Syn(Pod11, ServiceIp), pod11);
        pod12.ExpectMsg<TcpPacket>();
        _node.Tell(Segment(Pod12, Pod11, 8080, 40000, TcpFlags.Syn | TcpFlags.Ack), pod12);
        pod11.ExpectMsg<TcpPacket>();
        _node.Tell(new StopCapture(start.Sink));
        _node.Tell(Segment(Pod11, ServiceIp, 40000, 80), pod11);
        pod12.ExpectMsg<TcpPacket>();
        // As the pod sees it: the service's address, not the endpoint's.
        seen.Select(captured => (captured.Pod, captured.IsInbound, captured.Packet.Source, captured.Packet.Destination)).ShouldBe([("x/a", false, Pod11, ServiceIp), ("x/a", true, ServiceIp, Pod11)]);
    }

    [Fact]
    public void A_trace_goes_the_way_of_a_packet_and_reaches_nobody()
    {
        var (asker, pod12) = (CreateTestProbe(), AttachProbe(Pod12));
        AttachProbe(Pod11);
        _node.Tell(new TracePacket(Syn(Pod11, ServiceIp, 0), IsFirst: true), asker);
        var arrival = pod12.ExpectMsg<ProbeArrival>();
        arrival.Asker.ShouldBe(asker.Ref);
        arrival.Report.Steps.Select(step => step.Stage).ShouldBe(["conntrack", "service", "dnat", "conntrack", "policy", "deliver"]);
        ((TcpPacket)arrival.Report.Packet).DestinationPort.ShouldBe((ushort)8080);
        pod12.HasMessages.ShouldBeFalse();
        GetStatistics().Flows.ShouldBe(0);

        _node.Tell(new TracePacket(Syn(Pod11, Pod21, 0), IsFirst: true), asker);
        var onward = asker.ExpectMsg<TraceReport>();
        (onward.Outcome, onward.NextNode, _link.Sent.Count).ShouldBe((TraceOutcome.Forwarded, "n2", 0));

        _node.Tell(new TracePacket(Syn(Pod11, IpAddress.Parse("10.96.7.7"), 0), IsFirst: true), asker);
        (asker.ExpectMsg<TraceReport>().Outcome, GetStatistics().Lost.Count).ShouldBe((TraceOutcome.Dropped, 0));
    }

    [Theory]
    [InlineData(LinkLoss.Sent, true)]
    [InlineData(LinkLoss.Received, false)]
    public void A_trace_ends_where_its_node_is_cut_off_from_the_other(LinkLoss loss, bool outward)
    {
        var (asker, pod11) = (CreateTestProbe(), AttachProbe(Pod11));
        var probe = outward ? new TracePacket(Syn(Pod11, Pod21, 0), IsFirst: true) : new TracePacket(Syn(Pod21, Pod11, 0), IsFirst: false);
        _link.Loss = LinkLoss.Both ^ loss;
        _node.Tell(probe, asker);
        if (outward) asker.ExpectMsg<TraceReport>().Outcome.ShouldBe(TraceOutcome.Forwarded);
        else pod11.ExpectMsg<ProbeArrival>();

        _link.Loss = loss;
        _node.Tell(probe, asker);
        var report = asker.ExpectMsg<TraceReport>();
        (report.Outcome, report.Reason, report.Steps[^1].Stage).ShouldBe((TraceOutcome.Dropped, "CutOff", "link"));
        report.Steps[^1].Detail.ShouldStartWith("this node is cut off from node n2");
    }

    [Fact]
    public void A_host_port_leads_to_its_pod_and_a_trace_tells_so()
    {
        var (asker, pod12) = (CreateTestProbe(), CreateTestProbe());
        _node.Tell(new AttachPod([Pod12], pod12) { HostPorts = [new(IpAddress.AnyV4, 5000, IpProtocol.Tcp, new(Pod12, 80))] });
        _node.Tell(Syn(Pod21, Node1, port: 5000));
        var syn = pod12.ExpectMsg<TcpPacket>();
        (syn.Source, syn.DestinationPort).ShouldBe((Pod21, (ushort)80));

        _node.Tell(new TracePacket(Syn(Pod11, Node1, 0, 5000), IsFirst: true), asker);
        var report = pod12.ExpectMsg<ProbeArrival>().Report;
        (report.Outcome, report.Packet.Destination).ShouldBe((TraceOutcome.Delivered, Pod12));
        report.Steps.ShouldContain(step => step.Stage == "hostPort");
        GetStatistics().Flows.ShouldBe(1);
    }

    [Fact]
    public void A_trace_ends_at_a_socket_or_says_that_there_is_none()
    {
        var host = new NetworkNamespace(new() { Name = "n1", Addresses = [Node1] }, _simulation, packet => _node.Tell(packet, ActorRefs.NoSender));
        _node.Tell(new AttachHost(host));
        host.ListenTcp(new(IpAddress.AnyV4, 10250));
        var asker = CreateTestProbe();
        _node.Tell(new TracePacket(Syn(Pod11, Node1, 0, 10250), IsFirst: true), asker);
        asker.ExpectMsg<TraceReport>().Outcome.ShouldBe(TraceOutcome.Delivered);
        _node.Tell(new TracePacket(Syn(Pod11, Node1, 0, 22), IsFirst: true), asker);
        asker.ExpectMsg<TraceReport>().ShouldSatisfyAllConditions(
            r => (r.Outcome, r.Reason).ShouldBe((TraceOutcome.Refused, "NoListener")),
            r => r.Steps[^1].Detail.ShouldBe("nobody listens on TCP port 22: connection refused"));
    }

    [Fact]
    public void A_trace_to_loopback_stays_in_the_pod()
    {
        var pod11 = AttachProbe(Pod11);
        _node.Tell(new TracePacket(Syn(Pod11, IpAddress.LoopbackV4, 0), IsFirst: true), CreateTestProbe());
        pod11.ExpectMsg<ProbeArrival>().Report.Steps.Single().Stage.ShouldBe("loopback");
    }

    [Fact]
    public void A_trace_says_by_which_rule_of_the_service_and_how_the_endpoint_was_chosen()
    {
        var pods = new Dictionary<IpAddress, TestProbe> { [Pod11] = AttachProbe(Pod11), [Pod12] = AttachProbe(Pod12) };
        var service = Service("web", ServiceIp, Pod11, Pod12);
        _node.Tell(new ReplaceTables(TwoNodes.WithService(service with { Ports = [service.Ports[0] with { AffinitySeconds = 1000, NodePort = 30080, ExternalLocal = true }] })));
        var client = IpAddress.Parse("10.244.2.9");
        var steps = Trace(Syn(client, ServiceIp, 0));
        Detail(steps, "service").ShouldBe("default/web port 80, by its cluster IP, internalTrafficPolicy Cluster: one of 2 endpoints, 10.244.1.2:8080, 10.244.1.3:8080");
        Detail(steps, "dnat").ShouldStartWith("default/web: chosen at random: 10.244.1.");
        Detail(Trace(Syn(client, Node1, 0, 30080)), "service").ShouldStartWith("default/web port 80, by its node port 30080, externalTrafficPolicy Local: one of 2 endpoints");

        _node.Tell(Syn(client, ServiceIp, 1000));
        Detail(Trace(Syn(client, ServiceIp, 0)), "dnat").ShouldStartWith("default/web: the client's last endpoint (sessionAffinity ClientIP), 10.244.1.");

        IReadOnlyList<TraceStep> Trace(TcpPacket packet)
        {
            var asker = CreateTestProbe();
            _node.Tell(new TracePacket(packet, IsFirst: true), asker);
            ProbeArrival? arrival = null;
            AwaitAssert(() =>
            {
                foreach (var pod in pods.Values)
                    while (pod.HasMessages) arrival = pod.ReceiveOne(TimeSpan.Zero) as ProbeArrival ?? arrival;
                arrival.ShouldNotBeNull();
            });
            return arrival!.Report.Steps;
        }

        static string Detail(IReadOnlyList<TraceStep> steps, string stage) => steps.First(step => step.Stage == stage).Detail;
    }

    private IActorRef Start(TimeSpan proxyIdle)
    {
        var node = Sys.ActorOf(NodeNetworkActor.Props(new("n1", Node1, _simulation, _link) { ServiceProxyIdle = proxyIdle }));
        node.Tell(new ReplaceTables(TwoNodes.WithService(Pod12)));
        return node;
    }

    private TestProbe AttachProbe(IpAddress address, IActorRef? node = null)
    {
        var probe = CreateTestProbe();
        (node ?? _node).Tell(new AttachPod([address], probe));
        return probe;
    }

    private NetworkNamespace AttachNamespace(IpAddress address)
    {
        var pod = new NetworkNamespace(new() { Name = address.ToString(), Addresses = [address] }, _simulation, packet => _node.Tell(packet, ActorRefs.NoSender));
        _node.Tell(new AttachPod([address], Sys.ActorOf(Props.Create(() => new PodEnd(pod)))));
        return pod;
    }

    private NodeNetworkStatistics GetStatistics(IActorRef? node = null)
    {
        (node ?? _node).Tell(new GetNodeNetworkStatistics(), TestActor);
        return ExpectMsg<NodeNetworkStatistics>();
    }

    private static void Same(UdpPacket actual, UdpPacket expected)
    {
        actual.Payload.ToArray().ShouldBe(expected.Payload.ToArray());
        (actual with { Payload = default }).ShouldBe(expected with { Payload = default });
    }

    private sealed class PodEnd(NetworkNamespace network) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Packet packet) network.Receive(packet);
            else Unhandled(message);
        }
    }

    private sealed class RecordingLink : IPacketLink
    {
        public List<(string Node, Packet Packet)> Sent { get; } = [];
        public Dictionary<string, IActorRef> Attached { get; } = [];

        public LinkLoss Loss { get; set; }
        public void Send(NodeRoute destination, Packet packet) => Sent.Add((destination.Name, packet));
        public LinkLoss LossWith(NodeRoute node) => Loss;
        public void Attach(string nodeName, IActorRef network) => Attached[nodeName] = network;
        public void Detach(string nodeName, IActorRef network) => Attached.Remove(nodeName);
    }
}
