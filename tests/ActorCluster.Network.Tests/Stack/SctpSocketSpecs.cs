using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Stack;

public class SctpSocketSpecs
{
    private static readonly SocketAddress AnyPort80 = new(IpAddress.AnyV6, 80);

    private readonly VirtualWorld _world = new();

    [Property(MaxTest = 20)]
    public void Messages_arrive_with_their_boundaries_over_a_bad_wire_and_then_the_end(int seed)
    {
        var random = new Random(seed);
        var world = new VirtualWorld(seed) { LossPercent = random.Next(15), ReorderPercent = random.Next(40), DuplicatePercent = random.Next(20) };
        NetworkNamespaceOptions Configure(NetworkNamespaceOptions options) =>
            options with { MaximumTransmissionUnit = random.Next(2) == 0 ? 1500 : 65535, ReceiveBuffer = random.Next(30_000, 300_000), SendBuffer = random.Next(30_000, 300_000) };
        var (client, server) = (world.Add("10.244.1.2", Configure), world.Add("10.244.2.3", Configure));
        var (connection, accepted) = Connect(world, client, server, "10.244.2.3");
        var messages = Enumerable.Range(0, random.Next(1, 60)).Select(_ => new byte[random.Next(1, 20_000)]).ToList();
        messages.ForEach(random.NextBytes);

        async Task SendAsync()
        {
            foreach (var message in messages) await connection.SendAsync(new(message));
            await connection.DisposeAsync();
        }
        async Task<List<byte[]>> ReceiveAsync()
        {
            var all = new List<byte[]>();
            while (await accepted.ReceiveAsync() is { } message) all.Add(message.Payload.ToArray());
            return all;
        }
        var sending = SendAsync();
        world.Run(ReceiveAsync()).ShouldBe(messages);
        world.Run(sending);
        world.RunFor(TimeSpan.FromMinutes(30));
        client.ListSockets().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("10.244.1.2", "10.244.2.3")]
    [InlineData("fd00:10:244::2", "fd00:10:244::3")]
    public void Ports_are_sctps_own_and_netstat_lists_them(string own, string other)
    {
        var (client, server) = (_world.Add(own), _world.Add(other));
        server.ListenTcp(AnyPort80);
        server.BindUdp(AnyPort80);
        var listener = server.ListenSctp(AnyPort80);
        Should.Throw<SocketFaultException>(() => server.ListenSctp(AnyPort80)).Fault.ShouldBe(SocketFault.AddressInUse);
        server.ListSockets().Count(socket => socket is { Protocol: "sctp", State: "LISTEN", Local.Port: 80 }).ShouldBe(1);
        var connection = _world.Run(client.ConnectSctpAsync(new(IpAddress.Parse(other), 80)));
        client.ListSockets().ShouldHaveSingleItem().ShouldBe(new SocketInfo("sctp", connection.Local, new SocketAddress(IpAddress.Parse(other), 80), "ESTABLISHED"));
        _world.Run(listener.AcceptAsync().AsTask()).ShouldNotBeNull().Remote.ShouldBe(connection.Local);
    }

    [Fact]
    public void A_connect_where_nobody_listens_is_refused_and_one_into_the_void_times_out()
    {
        var client = _world.Add("10.244.1.2");
        _world.Add("10.244.2.3").ListenTcp(AnyPort80);
        Fault(() => _world.Run(client.ConnectSctpAsync(new(IpAddress.Parse("10.244.2.3"), 80)))).ShouldBe(SocketFault.ConnectionRefused);
        Fault(() => _world.Run(client.ConnectSctpAsync(new(IpAddress.Parse("10.244.9.9"), 80)))).ShouldBe(SocketFault.TimedOut);
        Fault(() => _world.Run(client.ConnectSctpAsync(new(IpAddress.Parse("fd00::1"), 80)))).ShouldBe(SocketFault.NetworkUnreachable);
        client.ListSockets().ShouldBeEmpty();
    }

    [Fact]
    public void An_icmp_error_is_no_reason_to_stop_trying()
    {
        var client = _world.Add("10.244.1.2");
        var connecting = client.ConnectSctpAsync(new(IpAddress.Parse("10.244.9.9"), 80));
        client.Receive(new IcmpPacket(IpAddress.Parse("172.18.0.2"), IpAddress.Parse("10.244.1.2"), IcmpKind.PortUnreachable, 0, 0, default, _world.Sent[^1]));
        _world.RunFor(TimeSpan.FromSeconds(5));
        connecting.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_close_with_messages_unread_aborts_and_what_had_arrived_can_still_be_read()
    {
        var (connection, accepted) = Connect(_world, _world.Add("10.244.1.2"), _world.Add("10.244.2.3"), "10.244.2.3");
        _world.Run(connection.SendAsync(new("unread"u8.ToArray())).AsTask());
        _world.Run(accepted.SendAsync(new("answer"u8.ToArray())).AsTask());
        _world.RunFor(TimeSpan.FromSeconds(1));
        _world.Run(accepted.DisposeAsync().AsTask());
        _world.RunFor(TimeSpan.FromSeconds(1));
        Encoding.UTF8.GetString(_world.Run(connection.ReceiveAsync().AsTask()).ShouldNotBeNull().Payload.Span).ShouldBe("answer");
        Fault(() => _world.Run(connection.ReceiveAsync().AsTask())).ShouldBe(SocketFault.ConnectionReset);
        Fault(() => _world.Run(connection.SendAsync(new("late"u8.ToArray())).AsTask())).ShouldBe(SocketFault.BrokenPipe);
    }

    [Fact]
    public void A_cancelled_connect_and_accept_leave_nothing_behind()
    {
        var client = _world.Add("10.244.1.2");
        using var cancel = new CancellationTokenSource();
        var connecting = client.ConnectSctpAsync(new(IpAddress.Parse("10.244.9.9"), 80), cancellationToken: cancel.Token);
        var listener = client.ListenSctp(AnyPort80);
        var accepting = listener.AcceptAsync(cancel.Token).AsTask();
        cancel.Cancel();
        Should.Throw<OperationCanceledException>(() => _world.Run(connecting));
        Should.Throw<OperationCanceledException>(() => _world.Run(accepting));
        client.ListSockets().ShouldHaveSingleItem().State.ShouldBe("LISTEN");
    }

    [Fact]
    public void A_peer_that_comes_back_with_the_same_port_gets_a_new_association_and_the_old_one_is_reset()
    {
        var server = _world.Add("10.244.2.3");
        var listener = server.ListenSctp(AnyPort80);
        var from = new SocketAddress(IpAddress.Parse("10.244.1.2"), 5000);
        var to = new SocketAddress(IpAddress.Parse("10.244.2.3"), 80);
        var before = _world.Add("10.244.1.2");
        _world.Run(before.ConnectSctpAsync(to, from));
        var old = _world.Run(listener.AcceptAsync().AsTask()).ShouldNotBeNull();
        var after = _world.Add("10.244.1.2"); // takes the first one's place on the wire
        var connection = _world.Run(after.ConnectSctpAsync(to, from));
        Fault(() => _world.Run(old.ReceiveAsync().AsTask())).ShouldBe(SocketFault.ConnectionReset);
        var accepted = _world.Run(listener.AcceptAsync().AsTask()).ShouldNotBeNull();
        _world.Run(connection.SendAsync(new("again"u8.ToArray())).AsTask());
        Encoding.UTF8.GetString(_world.Run(accepted.ReceiveAsync().AsTask()).ShouldNotBeNull().Payload.Span).ShouldBe("again");
    }

    [Fact]
    public void A_listener_whose_backlog_is_full_refuses()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        server.ListenSctp(AnyPort80, backlog: 1);
        var remote = new SocketAddress(IpAddress.Parse("10.244.2.3"), 80);
        _world.Run(client.ConnectSctpAsync(remote));
        Fault(() => _world.Run(client.ConnectSctpAsync(remote))).ShouldBe(SocketFault.ConnectionRefused);
    }

    [Fact]
    public void Loopback_stays_inside_and_a_message_too_long_for_the_buffers_is_refused()
    {
        var pod = _world.Add("10.244.1.2");
        var (connection, accepted) = Connect(_world, pod, pod, "127.0.0.1");
        _world.Run(connection.SendAsync(new("hello"u8.ToArray(), 3, 42)).AsTask());
        var message = _world.Run(accepted.ReceiveAsync().AsTask()).ShouldNotBeNull();
        (message.Stream, message.PayloadProtocol).ShouldBe(((ushort)3, 42u));
        Fault(() => _world.Run(connection.SendAsync(new(new byte[300_000])).AsTask())).ShouldBe(SocketFault.MessageTooLong);
        Should.Throw<ArgumentException>(() => _world.Run(connection.SendAsync(new(default)).AsTask()));
        Should.Throw<ArgumentException>(() => _world.Run(connection.SendAsync(new("x"u8.ToArray(), 10)).AsTask()));
        _world.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void A_namespace_that_goes_takes_its_associations_along()
    {
        var server = _world.Add("10.244.2.3");
        var (connection, accepted) = Connect(_world, _world.Add("10.244.1.2"), server, "10.244.2.3");
        var receiving = accepted.ReceiveAsync().AsTask();
        server.Dispose();
        Fault(() => _world.Run(receiving)).ShouldBe(SocketFault.NamespaceGone);
        _world.Run(connection.DisposeAsync().AsTask());
    }

    private static (ISctpConnection Connection, ISctpConnection Accepted) Connect(VirtualWorld world, NetworkNamespace client, NetworkNamespace server, string address)
    {
        var listener = server.ListenSctp(AnyPort80);
        var connection = world.Run(client.ConnectSctpAsync(new(IpAddress.Parse(address), 80)));
        return (connection, world.Run(listener.AcceptAsync().AsTask()).ShouldNotBeNull());
    }

    private static SocketFault Fault(Action action) => Should.Throw<SocketFaultException>(action).Fault;
}
