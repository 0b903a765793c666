using System.Buffers;
using System.IO.Pipelines;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Stack;

public class NetworkNamespaceSpecs
{
    private static readonly IpAddress A = IpAddress.Parse("10.244.1.2");
    private static readonly IpAddress B = IpAddress.Parse("10.244.2.3");
    private static readonly SocketAddress AnyV4Port80 = new(IpAddress.AnyV4, 80);

    private readonly VirtualWorld _world = new();

    [Property(MaxTest = 30)]
    public void Streams_arrive_whole_in_both_directions_over_a_bad_wire(int seed)
    {
        var random = new Random(seed);
        var world = new VirtualWorld(seed) { LossPercent = random.Next(20), ReorderPercent = random.Next(40), DuplicatePercent = random.Next(20) };
        NetworkNamespaceOptions Configure(NetworkNamespaceOptions options) =>
            options with { MaximumTransmissionUnit = random.Next(2) == 0 ? 1500 : 65535, ReceiveBuffer = random.Next(3000, 300_000), SendBuffer = random.Next(3000, 300_000) };
        var (client, server) = (world.Add("10.244.1.2", Configure), world.Add("10.244.2.3", Configure));
        var question = new byte[random.Next(200_000)];
        var answer = new byte[random.Next(200_000)];
        random.NextBytes(question);
        random.NextBytes(answer);
        var (connection, accepted) = Connect(world, client, server);

        var asked = WriteAsync(connection, question, random.Next(1, 20_000));
        var answered = WriteAsync(accepted, answer, random.Next(1, 20_000));
        var got = ReadAllAsync(connection.Input);
        world.Run(ReadAllAsync(accepted.Input)).ShouldBe(question);
        world.Run(got).ShouldBe(answer);
        world.Run(Task.WhenAll(asked, answered));
    }

    [Fact]
    public void Loopback_stays_inside_and_is_shared_by_all()
    {
        var pod = _world.Add("10.244.1.2");
        var listener = pod.ListenTcp(AnyV4Port80);
        foreach (var address in new[] { "127.0.0.1", "127.8.8.8", "10.244.1.2" })
        {
            var connection = _world.Run(pod.ConnectTcpAsync(new(IpAddress.Parse(address), 80)));
            var accepted = _world.Run(listener.AcceptAsync().AsTask()).ShouldNotBeNull();
            _world.Run(WriteAsync(connection, "hello"u8.ToArray(), 5));
            _world.Run(ReadAllAsync(accepted.Input)).ShouldBe("hello"u8.ToArray());
            accepted.Local.Address.ShouldBe(IpAddress.Parse(address));
        }
        _world.Sent.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("10.244.1.2", "0.0.0.0")]
    [InlineData("::", "0.0.0.0")]
    [InlineData("::", "10.244.1.2")]
    public void A_second_bind_of_a_port_fails(string first, string second)
    {
        var pod = _world.Add("10.244.1.2");
        pod.ListenTcp(new(IpAddress.Parse(first), 80));
        pod.BindUdp(new(IpAddress.Parse(first), 80)); // another protocol, another port space
        Should.Throw<SocketFaultException>(() => pod.ListenTcp(new(IpAddress.Parse(second), 80))).Message.ShouldBe("Address already in use");
        Should.Throw<SocketFaultException>(() => pod.BindUdp(new(IpAddress.Parse(second), 80))).Fault.ShouldBe(SocketFault.AddressInUse);
    }

    [Fact]
    public async Task A_port_is_free_again_when_its_listener_is_closed()
    {
        var pod = _world.Add("10.244.1.2");
        pod.ListenTcp(new(IpAddress.LoopbackV4, 80));
        var other = pod.ListenTcp(new(A, 80)); // another address: no conflict
        await other.DisposeAsync();
        pod.ListenTcp(new(A, 80)).Local.Port.ShouldBe((ushort)80);
        (await other.AcceptAsync()).ShouldBeNull();
    }

    [Fact]
    public void An_address_of_somebody_else_cannot_be_bound() =>
        Should.Throw<SocketFaultException>(() => _world.Add("10.244.1.2").ListenTcp(new(B, 80))).Fault.ShouldBe(SocketFault.AddressNotAvailable);

    [Fact]
    public void A_closed_port_refuses()
    {
        var client = _world.Add("10.244.1.2");
        _world.Add("10.244.2.3");
        Should.Throw<SocketFaultException>(() => _world.Run(client.ConnectTcpAsync(new(B, 80)))).Fault.ShouldBe(SocketFault.ConnectionRefused);
        Should.Throw<SocketFaultException>(() => _world.Run(client.ConnectTcpAsync(new(IpAddress.LoopbackV4, 80)))).Fault.ShouldBe(SocketFault.ConnectionRefused);
        client.ListSockets().ShouldBeEmpty();
    }

    [Fact]
    public void Connecting_to_nobody_times_out_after_its_retries()
    {
        var client = _world.Add("10.244.1.2", options => options with { SynRetries = 3 });
        Should.Throw<SocketFaultException>(() => _world.Run(client.ConnectTcpAsync(new(B, 80)))).Fault.ShouldBe(SocketFault.TimedOut);
        _world.Sent.Count.ShouldBe(4);
    }

    [Fact]
    public void A_cancelled_connect_leaves_nothing_behind()
    {
        var client = _world.Add("10.244.1.2");
        using var cancellation = new CancellationTokenSource();
        var connecting = client.ConnectTcpAsync(new(B, 80), cancellationToken: cancellation.Token);
        cancellation.Cancel();
        Should.Throw<OperationCanceledException>(() => _world.Run(connecting));
        client.ListSockets().ShouldBeEmpty();
    }

    [Fact]
    public void A_full_backlog_makes_clients_wait_until_somebody_accepts()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var listener = server.ListenTcp(AnyV4Port80, backlog: 1);
        _world.Run(client.ConnectTcpAsync(new(B, 80)));
        var second = client.ConnectTcpAsync(new(B, 80));
        _world.RunFor(TimeSpan.FromSeconds(5));
        second.IsCompleted.ShouldBeFalse();
        _world.Run(listener.AcceptAsync().AsTask());
        _world.Run(second);
    }

    [Fact]
    public void Disposing_closes_in_an_orderly_way_and_both_sides_learn_it()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (connection, accepted) = Connect(_world, client, server);
        _world.Run(connection.DisposeAsync().AsTask());
        _world.Run(ReadAllAsync(accepted.Input)).ShouldBeEmpty();
        _world.Run(accepted.DisposeAsync().AsTask());
        _world.RunFor(TimeSpan.FromSeconds(1));
        (connection.Closed.IsCancellationRequested, accepted.Closed.IsCancellationRequested).ShouldBe((true, true));
        client.ListSockets().ShouldHaveSingleItem().State.ShouldBe("TIME_WAIT");
        _world.RunFor(TimeSpan.FromSeconds(61));
        client.ListSockets().ShouldBeEmpty();
        server.ListSockets().Select(socket => socket.State).ShouldBe(["LISTEN"]);
    }

    [Fact]
    public void A_server_that_remembers_a_closed_connection_takes_the_next_one_from_the_same_port_at_once()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var listener = server.ListenTcp(AnyV4Port80);
        for (var i = 0; i < 8; i++)
        {
            var connecting = client.ConnectTcpAsync(new(B, 80), new(A, 40000));
            var accepted = _world.Run(listener.AcceptAsync().AsTask(), TimeSpan.FromMilliseconds(500)).ShouldNotBeNull();
            var connection = _world.Run(connecting);
            // The server closes first, so that it is the one that waits in TIME-WAIT.
            _world.Run(accepted.DisposeAsync().AsTask());
            _world.Run(ReadAllAsync(connection.Input)).ShouldBeEmpty();
            _world.Run(connection.DisposeAsync().AsTask());
            _world.RunFor(TimeSpan.FromMilliseconds(5));
            server.ListSockets().Select(socket => socket.State).ShouldContain("TIME_WAIT");
        }
    }

    [Fact]
    public void Each_closed_connection_is_remembered_for_a_minute_of_its_own()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var listener = server.ListenTcp(AnyV4Port80);
        for (var i = 0; i < 3; i++)
        {
            var connecting = client.ConnectTcpAsync(new(B, 80));
            var accepted = _world.Run(listener.AcceptAsync().AsTask()).ShouldNotBeNull();
            var connection = _world.Run(connecting);
            _world.Run(connection.DisposeAsync().AsTask());
            _world.Run(accepted.DisposeAsync().AsTask());
            _world.RunFor(TimeSpan.FromSeconds(10));
        }
        int Left(int seconds)
        {
            _world.RunFor(TimeSpan.FromSeconds(seconds));
            return client.ListSockets().Count;
        }
        (Left(29), Left(2), Left(8), Left(2), Left(8), Left(2)).ShouldBe((3, 2, 2, 1, 1, 0));
    }

    [Fact]
    public void Aborting_resets_the_other_side()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (connection, accepted) = Connect(_world, client, server);
        var reading = ReadAllAsync(accepted.Input);
        connection.Abort();
        Should.Throw<SocketFaultException>(() => _world.Run(reading)).Message.ShouldBe("Connection reset by peer");
        accepted.Closed.IsCancellationRequested.ShouldBeTrue();
        var flushed = _world.Run(accepted.Output.WriteAsync("late"u8.ToArray()).AsTask());
        flushed.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public void A_writer_waits_while_the_reader_does_not_read()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (connection, accepted) = Connect(_world, client, server);
        var writing = WriteAsync(connection, new byte[2_000_000], 10_000);
        _world.RunFor(TimeSpan.FromMinutes(10));
        writing.IsCompleted.ShouldBeFalse();
        _world.Run(ReadAllAsync(accepted.Input)).Length.ShouldBe(2_000_000);
        _world.Run(writing);
    }

    [Fact]
    public void A_cancelled_read_or_flush_can_be_followed_by_another()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (connection, accepted) = Connect(_world, client, server);
        using var cancellation = new CancellationTokenSource();
        var read = accepted.Input.ReadAsync(cancellation.Token).AsTask();
        cancellation.Cancel();
        Should.Throw<OperationCanceledException>(() => _world.Run(read));
        var pending = accepted.Input.ReadAsync().AsTask();
        accepted.Input.CancelPendingRead();
        _world.Run(pending).IsCanceled.ShouldBeTrue();
        var next = accepted.Input.ReadAsync().AsTask();
        _world.Run(connection.Output.WriteAsync("x"u8.ToArray()).AsTask());
        _world.Run(next).Buffer.ToArray().ShouldBe("x"u8.ToArray());
    }

    [Fact]
    public void What_is_examined_but_not_consumed_comes_again_with_more()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (connection, accepted) = Connect(_world, client, server);
        _world.Run(connection.Output.WriteAsync("ab"u8.ToArray()).AsTask());
        var first = _world.Run(accepted.Input.ReadAsync().AsTask());
        accepted.Input.AdvanceTo(first.Buffer.GetPosition(1), first.Buffer.End);
        var second = accepted.Input.ReadAsync().AsTask();
        _world.RunFor(TimeSpan.FromSeconds(1));
        second.IsCompleted.ShouldBeFalse();
        _world.Run(connection.Output.WriteAsync("cd"u8.ToArray()).AsTask());
        _world.Run(second).Buffer.ToArray().ShouldBe("bcd"u8.ToArray());
    }

    [Fact]
    public void A_window_opens_again_however_little_is_consumed_at_a_time()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (connection, accepted) = Connect(_world, client, server);
        var data = new byte[1 << 20]; // many windows
        var writing = WriteAsync(connection, data, 60_000);
        _world.Run(ReadInPiecesAsync(accepted.Input, 700)).ShouldBe(data.Length);
        _world.Run(writing);
    }

    [Fact]
    public void A_reader_that_was_completed_advances_no_more_and_what_it_had_consumed_counts_once()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (connection, accepted) = Connect(_world, client, server);
        _world.Run(connection.Output.WriteAsync("abc"u8.ToArray()).AsTask());
        var read = _world.Run(accepted.Input.ReadAsync().AsTask());
        accepted.Input.AdvanceTo(read.Buffer.GetPosition(1));
        accepted.Input.Complete();
        Should.Throw<InvalidOperationException>(() => accepted.Input.AdvanceTo(read.Buffer.End));
        // The sending side still works, and so does the end.
        _world.Run(accepted.Output.WriteAsync("d"u8.ToArray()).AsTask());
        _world.Run(connection.Input.ReadAsync().AsTask()).Buffer.ToArray().ShouldBe("d"u8.ToArray());
        _world.Run(connection.Output.CompleteAsync().AsTask());
        _world.Run(accepted.Output.CompleteAsync().AsTask());
    }

    [Fact]
    public void Datagrams_go_both_ways_and_a_closed_port_is_reported()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (asking, answering) = (client.BindUdp(new(IpAddress.AnyV4, 0)), server.BindUdp(new(IpAddress.AnyV4, 53)));
        asking.Send("ping"u8.ToArray(), new(B, 53));
        var question = _world.Run(answering.ReceiveAsync().AsTask());
        (question.Remote, question.Local).ShouldBe((new SocketAddress(A, asking.Local.Port), new SocketAddress(B, 53)));
        answering.Send("pong"u8.ToArray(), question.Remote);
        _world.Run(asking.ReceiveAsync().AsTask()).Payload.ToArray().ShouldBe("pong"u8.ToArray());
        asking.Send("x"u8.ToArray(), new(B, 54));
        Should.Throw<SocketFaultException>(() => _world.Run(asking.ReceiveAsync().AsTask())).Fault.ShouldBe(SocketFault.ConnectionRefused);
        Should.Throw<SocketFaultException>(() => asking.Send(new byte[65_508], new(B, 53))).Fault.ShouldBe(SocketFault.MessageTooLong);
        asking.Dispose();
        Should.Throw<SocketFaultException>(() => asking.Send("x"u8.ToArray(), new(B, 53)));
    }

    [Fact]
    public void Ping_answers_or_times_out()
    {
        var client = _world.Add("10.244.1.2");
        _world.Add("10.244.2.3");
        _world.Run(client.PingAsync(B, 56, TimeSpan.FromSeconds(1))).ShouldNotBeNull();
        _world.Run(client.PingAsync(IpAddress.LoopbackV4, 56, TimeSpan.FromSeconds(1))).ShouldNotBeNull();
        _world.Run(client.PingAsync(IpAddress.Parse("10.244.9.9"), 56, TimeSpan.FromSeconds(1))).ShouldBeNull();
    }

    [Fact]
    public void The_echo_requests_of_one_program_have_one_identifier_and_rising_numbers()
    {
        var client = _world.Add("10.244.1.2");
        _world.Add("10.244.2.3");
        using (var first = client.OpenEcho())
        using (var second = client.OpenEcho())
        {
            foreach (var socket in (IEchoSocket[])[first, second, first, first]) _world.Run(socket.EchoAsync(B, 56, TimeSpan.FromSeconds(1), CancellationToken.None)).ShouldNotBeNull();
        }
        var requests = _world.Sent.OfType<IcmpPacket>().Where(packet => packet.Kind == IcmpKind.EchoRequest).ToList();
        requests.Select(request => (int)request.SequenceNumber).ShouldBe([0, 0, 1, 2]);
        requests.Select(request => request.Identifier == requests[0].Identifier).ShouldBe([true, false, true, true]);
    }

    [Fact]
    public void A_namespace_that_goes_takes_every_socket_with_it()
    {
        var (client, server) = (_world.Add("10.244.1.2"), _world.Add("10.244.2.3"));
        var (_, accepted) = Connect(_world, client, server);
        var reading = ReadAllAsync(accepted.Input);
        var udp = server.BindUdp(new(IpAddress.AnyV4, 53)).ReceiveAsync().AsTask();
        var connecting = server.ConnectTcpAsync(new(IpAddress.Parse("10.244.9.9"), 80));
        server.Dispose();
        foreach (var task in new Task[] { reading, udp, connecting })
            Should.Throw<SocketFaultException>(() => _world.Run(task)).Fault.ShouldBe(SocketFault.NamespaceGone);
        accepted.Closed.IsCancellationRequested.ShouldBeTrue();
        Should.Throw<SocketFaultException>(() => server.ListenTcp(AnyV4Port80)).Fault.ShouldBe(SocketFault.NamespaceGone);
    }

    [Fact]
    public void Stray_segments_are_reset_and_resets_are_not_answered()
    {
        var pod = _world.Add("10.244.1.2");
        pod.Receive(new TcpPacket(B, A, 1, 80, 5, 7, TcpFlags.Ack, 100, default));
        _world.Sent.ShouldHaveSingleItem().ShouldBeOfType<TcpPacket>().ShouldSatisfyAllConditions(
            reset => reset.Flags.ShouldBe(TcpFlags.Rst),
            reset => reset.Sequence.ShouldBe(7u));
        pod.Receive(new TcpPacket(B, A, 1, 80, 5, 7, TcpFlags.Rst | TcpFlags.Ack, 100, default));
        _world.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public void An_idle_namespace_costs_less_than_half_a_kilobyte()
    {
        const int count = 1000;
        var kept = new NetworkNamespace[count];
        NetworkNamespace Make() => new(new() { Name = "default/pause", Addresses = [A] }, _world.Simulation, _ => { });
        Make();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++) kept[i] = Make();
        ((GC.GetAllocatedBytesForCurrentThread() - before) / count).ShouldBeLessThan(512);
        GC.KeepAlive(kept);
    }

    internal static (ITcpConnection Client, ITcpConnection Server) Connect(VirtualWorld world, NetworkNamespace client, NetworkNamespace server)
    {
        var listener = server.ListenTcp(AnyV4Port80);
        var connection = world.Run(client.ConnectTcpAsync(new(server.Addresses[0], 80)));
        return (connection, world.Run(listener.AcceptAsync().AsTask())!);
    }

    private static async Task WriteAsync(ITcpConnection connection, byte[] data, int piece)
    {
        for (var at = 0; at < data.Length; at += piece)
            (await connection.Output.WriteAsync(data.AsMemory(at, Math.Min(piece, data.Length - at)))).IsCompleted.ShouldBeFalse();
        await connection.Output.CompleteAsync();
    }

    private static async Task<long> ReadInPiecesAsync(PipeReader reader, int piece)
    {
        for (var total = 0L;;)
        {
            var result = await reader.ReadAsync();
            var taken = result.Buffer.Slice(0, Math.Min(piece, result.Buffer.Length));
            total += taken.Length;
            reader.AdvanceTo(taken.End);
            if (result.IsCompleted && taken.Length == result.Buffer.Length) return total;
        }
    }

    private static async Task<byte[]> ReadAllAsync(PipeReader reader)
    {
        var all = new MemoryStream();
        while (true)
        {
            var result = await reader.ReadAsync();
            foreach (var piece in result.Buffer) all.Write(piece.Span);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return all.ToArray();
        }
    }
}
