using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using ActorCluster.Nodes.Outside;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Tests.Outside;

/// <summary>Real sockets on one side, a node's data path and a pod's namespace on the other.</summary>
public class OutsideActorTests : PatientTestKit
{
    // A node of this test run's own, so that runs side by side don't ask for the same places on loopback.
    private static readonly IpAddress Node1 = IpAddress.FromV4(0xacc90000u | (uint)(Environment.ProcessId & 0xffff));
    private static readonly IpAddress Pod = IpAddress.Parse("10.244.1.5");
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);
    private readonly IActorRef _node;
    private readonly IActorRef _outside;
    private readonly NetworkNamespace _pod;
    private volatile IReadOnlyList<OpenSocket> _sockets = [];

    public OutsideActorTests()
    {
        _node = Sys.ActorOf(NodeNetworkActor.Props(new("n1", Node1, _simulation, new NoLink())));
        _pod = new NetworkNamespace(new() { Name = "pod", Addresses = [Pod] }, _simulation, packet => _node.Tell(packet));
        _node.Tell(new AttachPod([Pod], Sys.ActorOf(Props.Create(() => new Feeder(_pod)))));
        _outside = Sys.ActorOf(OutsideActor.Props(new("n1", NodeAddresses.Of([Node1]), _node, TestActor, new Registry(sockets => _sockets = sockets), _simulation)));
        ExpectMsg<Subscribe>();
    }

    [Theory]
    [InlineData(false)] // masqueraded
    [InlineData(true)] // policy Local: the client as it is
    public async Task A_connection_from_this_machine_reaches_a_pod_through_a_node_port(bool local)
    {
        var real = Expose(Service(IpProtocol.Tcp, local));
        var listener = _pod.ListenTcp(new(IpAddress.AnyV4, 8080));
        using var client = new TcpClient();
        await client.ConnectAsync(real);
        await using var stream = client.GetStream();
        var payload = new byte[300_000];
        new Random(1).NextBytes(payload);
        await using var accepted = (await listener.AcceptAsync()).ShouldNotBeNull();
        accepted.Remote.Address.ShouldBe(local ? IpAddress.Parse(WellKnown.OutsideAddress) : Node1);
        var sending = Task.Run(async () =>
        {
            await stream.WriteAsync(payload);
            client.Client.Shutdown(SocketShutdown.Send);
        });
        // Everything comes back after the client's end: both directions close by themselves.
        await accepted.Input.CopyToAsync(accepted.Output);
        await accepted.Output.CompleteAsync();
        var back = new MemoryStream();
        await stream.CopyToAsync(back);
        await sending;
        back.ToArray().ShouldBe(payload);
    }

    [Fact]
    public async Task A_service_without_endpoints_resets_the_connection()
    {
        var service = Service(IpProtocol.Tcp, false);
        var real = Expose(service with { Ports = [service.Ports[0] with { Ready = [] }] });
        using var client = new TcpClient();
        // The reset may come before whoever connects is told that it is connected, and is what it is told then.
        var fault = await Should.ThrowAsync<Exception>(async () =>
        {
            await client.ConnectAsync(real);
            await client.GetStream().ReadExactlyAsync(new byte[1]);
        });
        (fault is IOException ? fault.InnerException : fault).ShouldBeOfType<SocketException>().SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
    }

    [Fact]
    public async Task Datagrams_go_to_the_pod_and_their_answers_to_who_asked()
    {
        var real = Expose(Service(IpProtocol.Udp, false));
        using var server = _pod.BindUdp(new(IpAddress.AnyV4, 8080));
        using var first = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var second = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (var (client, text) in new[] { (first, "one"), (second, "two"), (first, "three") })
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(text), real);
            var asked = await server.ReceiveAsync();
            server.Send(Encoding.ASCII.GetBytes("re: " + Encoding.ASCII.GetString(asked.Payload.Span)), asked.Remote);
            Encoding.ASCII.GetString((await client.ReceiveAsync()).Buffer).ShouldBe("re: " + text);
        }
    }

    [Fact]
    public async Task Sockets_close_with_their_service_and_with_their_node()
    {
        var real = Expose(Service(IpProtocol.Tcp, false));
        Publish(Tables);
        AwaitAssert(() => _sockets.ShouldBeEmpty());
        await RefusedAsync(real);

        Expose(Service(IpProtocol.Tcp, false)).ShouldBe(real);
        await _outside.GracefulStop(TimeSpan.FromSeconds(30));
        AwaitAssert(() => _sockets.ShouldBeEmpty());
        await RefusedAsync(real);

        static async Task RefusedAsync(IPEndPoint place)
        {
            using var client = new TcpClient();
            (await Should.ThrowAsync<SocketException>(() => client.ConnectAsync(place))).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
        }
    }

    [Fact]
    public void A_place_that_is_taken_is_replaced_by_a_port_that_is_free()
    {
        using var taken = new TcpListener(LoopbackAddresses.Of(new SocketAddress(Node1, 30080)));
        taken.Start();
        Expose(Service(IpProtocol.Tcp, false)).Address.ShouldBe(IPAddress.Loopback);
    }

    [Fact]
    public async Task Where_an_address_is_given_services_are_open_at_it_under_their_own_ports()
    {
        await _outside.GracefulStop(TimeSpan.FromSeconds(30));
        var own = IpAddress.FromV4((Node1.V4Bits & 0x00ff_ffff) | 0x7f00_0000).ToIPAddress();
        var outside = Sys.ActorOf(OutsideActor.Props(new("n1", NodeAddresses.Of([Node1]), _node, TestActor, null, _simulation) { Listen = own }));
        ExpectMsg<Subscribe>();
        var tables = Tables.WithService(Service(IpProtocol.Tcp, false));
        _node.Tell(new ReplaceTables(tables));
        outside.Tell(new ReplaceTables(tables));

        var sockets = (await outside.Ask<OpenSockets>(GetOpenSockets.Instance, TimeSpan.FromSeconds(30))).Sockets;

        sockets.ShouldHaveSingleItem().ShouldBe(new OpenSocket("default/web", "NodePort", "TCP", $"{Node1}:30080", $"{own}:30080"));
        var listener = _pod.ListenTcp(new(IpAddress.AnyV4, 8080));
        using var client = new TcpClient();
        await client.ConnectAsync(own, 30080);
        await using var accepted = (await listener.AcceptAsync()).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_bound_name_s_port_leads_to_its_real_address_and_no_other_port_does()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var inside = Bind(((IPEndPoint)server.LocalEndpoint).Port);
        await using var connection = await _pod.ConnectTcpAsync(inside);
        using var accepted = await server.AcceptSocketAsync();
        var payload = new byte[300_000];
        new Random(1).NextBytes(payload);
        var sending = connection.Output.WriteAsync(payload).AsTask().ContinueWith(_ => connection.Output.Complete(), TaskScheduler.Default);
        await using var stream = new NetworkStream(accepted);
        var received = new MemoryStream();
        await stream.CopyToAsync(received);
        await sending;
        received.ToArray().ShouldBe(payload);
        await stream.WriteAsync("answer"u8.ToArray());
        accepted.Shutdown(SocketShutdown.Send);
        var answer = new MemoryStream();
        await connection.Input.CopyToAsync(answer);
        answer.ToArray().ShouldBe("answer"u8.ToArray());

        (await Should.ThrowAsync<SocketFaultException>(() => _pod.ConnectTcpAsync(inside with { Port = 81 }))).Fault.ShouldBe(SocketFault.ConnectionRefused);
    }

    [Fact]
    public async Task A_bound_name_may_be_a_name_server_s_beside_the_resolver_of_the_nodes()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var inside = Bind(((IPEndPoint)server.Client.LocalEndPoint!).Port, 53);
        using var socket = _pod.BindUdp(new(Pod, 0));
        socket.Send("question"u8.ToArray(), inside);
        (await server.ReceiveAsync()).Buffer.ShouldBe("question"u8.ToArray());

        var resolver = new StubResolver(_pod, $"nameserver {WellKnown.OutsideAddress}\n", "", _simulation);
        (await resolver.ResolveAsync("api.example.com")).ShouldBe([inside.Address]);
    }

    [Fact]
    public async Task A_real_address_where_nobody_listens_resets_the_pod_s_connection()
    {
        // Bound, so that nobody else gets it, and not listening.
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var connection = await _pod.ConnectTcpAsync(Bind(((IPEndPoint)held.LocalEndPoint!).Port));
        (await Should.ThrowAsync<SocketFaultException>(async () => await connection.Input.ReadAsync())).Fault.ShouldBe(SocketFault.ConnectionReset);
    }

    [Fact]
    public async Task Datagrams_to_a_bound_name_come_back_to_the_pod_that_sent_them()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var inside = Bind(((IPEndPoint)server.Client.LocalEndPoint!).Port);
        using var first = _pod.BindUdp(new(Pod, 0));
        using var second = _pod.BindUdp(new(Pod, 0));
        foreach (var (socket, text) in new[] { (first, "one"), (second, "two"), (first, "three") })
        {
            socket.Send(Encoding.ASCII.GetBytes(text), inside);
            var asked = await server.ReceiveAsync();
            await server.SendAsync(Encoding.ASCII.GetBytes("re: " + Encoding.ASCII.GetString(asked.Buffer)), asked.RemoteEndPoint);
            var answer = await socket.ReceiveAsync();
            (Encoding.ASCII.GetString(answer.Payload.Span), answer.Remote).ShouldBe(("re: " + text, inside));
        }
    }

    [Theory]
    [InlineData(80, TraceOutcome.Delivered, "api.example.com port 80 is bound to 127.0.0.1:9 outside the cluster (--outside)")]
    [InlineData(81, TraceOutcome.Refused, "api.example.com is outside the cluster, and nothing is bound to this of it (--outside)")]
    public void A_trace_says_where_a_bound_name_leads(ushort port, TraceOutcome outcome, string said)
    {
        var inside = Bind(9);
        var probe = new TcpPacket(Pod, inside.Address, 0, port, 0, 0, TcpFlags.Syn, 0, default);
        _node.Tell(new TracePacket(probe, IsFirst: true), TestActor);
        var report = ExpectMsg<TraceReport>();
        (report.Outcome, report.Steps[^1].Detail).ShouldBe((outcome, said));
        report.Steps.ShouldContain(step => step.Stage == "deliver" && step.Detail == "to 172.18.254.1, which is outside the cluster");
    }

    /// <returns>Where pods reach api.example.com once it is bound to a port of this machine.</returns>
    private SocketAddress Bind(int port, ushort insidePort = 80)
    {
        var inside = new SocketAddress(IpAddress.Parse("172.18.254.1"), insidePort);
        Sys.Stop(Watch(_outside));
        ExpectTerminated(_outside);
        Publish(Tables);
        var outside = Sys.ActorOf(OutsideActor.Props(new("n1", NodeAddresses.Of([Node1]), _node, TestActor, null, _simulation) { Bindings = [new("api.example.com", inside, "127.0.0.1", (ushort)port)] }));
        // It is attached when it answers, because its node's network gets its attachment first.
        outside.Tell(new ProbeArrival(new("n1", [], TraceOutcome.Delivered, "", new UdpPacket(Pod, inside.Address, 1, 80, default)), TestActor));
        ExpectMsg<TraceReport>();
        return inside;
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _pod.Dispose();
    }

    private static NetworkTables Tables => NetworkTables.Empty.WithNode(new("n1", [Node1], "akka://here", [IpNetwork.Parse("10.244.1.0/24")]) { IsReady = true });

    private static ServiceEntry Service(IpProtocol protocol, bool local) => new("default", "web", [IpAddress.Parse("10.96.0.50")], null,
        [new ServicePort("default/web", "", protocol, 80, true, [new(Pod, 8080, "n1")], []) { NodePort = 30080, ExternalLocal = local }]);

    private void Publish(NetworkTables tables)
    {
        _node.Tell(new ReplaceTables(tables));
        _outside.Tell(new ReplaceTables(tables));
    }

    private IPEndPoint Expose(ServiceEntry service)
    {
        Publish(Tables.WithService(service));
        AwaitAssert(() => _sockets.ShouldHaveSingleItem());
        var socket = _sockets[0];
        (socket.Service, socket.Kind, socket.Target).ShouldBe(("default/web", "NodePort", $"{Node1}:30080"));
        return IPEndPoint.Parse(socket.Address);
    }

    private sealed class Feeder(NetworkNamespace network) : UntypedActor
    {
        protected override void OnReceive(object message) => network.Receive((Packet)message);
    }

    private sealed class Registry(Action<IReadOnlyList<OpenSocket>> report) : IOutsideRegistry
    {
        public void Report(string node, IReadOnlyList<OpenSocket> sockets) => report(sockets);
    }

    private sealed class NoLink : IPacketLink
    {
        public void Send(NodeRoute destination, Packet packet) => throw new InvalidOperationException("There is one node only.");

        public void Attach(string nodeName, IActorRef network) { }

        public void Detach(string nodeName, IActorRef network) { }
    }
}
