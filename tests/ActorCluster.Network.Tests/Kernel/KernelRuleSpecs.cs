using System.Net.Sockets;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>The corners of TCP, with the Linux kernel as the peer: refusals, resets, shut windows, half-open connections, forged segments.</summary>
public class KernelRuleSpecs
{
    [KernelFact]
    public async Task A_port_where_nobody_listens_is_refused_both_ways()
    {
        await using var wire = new KernelWire();
        foreach (var v6 in (bool[])[false, true])
        {
            using var socket = wire.Kernel.OpenSocket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
            (await Should.ThrowAsync<SocketException>(() => socket.ConnectAsync(KernelTcp.PodEndpoint(81, v6)))).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
            (await Should.ThrowAsync<SocketFaultException>(() => wire.Pod.ConnectTcpAsync(KernelTcp.KernelAddress(81, v6)))).Fault.ShouldBe(SocketFault.ConnectionRefused);

            using var datagrams = wire.Kernel.OpenSocket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram);
            await datagrams.ConnectAsync(KernelTcp.PodEndpoint(81, v6));
            await datagrams.SendAsync("x"u8.ToArray());
            (await Should.ThrowAsync<SocketException>(() => datagrams.ReceiveAsync(new byte[9]).WaitAsync(KernelTcp.Limit))).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
            using var pod = wire.Pod.BindUdp(new(v6 ? KernelWire.PodV6 : KernelWire.PodV4, 0));
            pod.Send("x"u8.ToArray(), KernelTcp.KernelAddress(81, v6));
            (await Should.ThrowAsync<SocketFaultException>(() => pod.ReceiveAsync().AsTask().WaitAsync(KernelTcp.Limit))).Fault.ShouldBe(SocketFault.ConnectionRefused);
        }
    }

    [KernelFact]
    public async Task A_reset_of_either_side_is_seen_by_the_other()
    {
        await using var wire = new KernelWire();
        await using (var connection = await KernelTcp.AcceptedByPodAsync(wire))
        {
            await connection.EchoAsync();
            connection.AbortKernel();
            (await Should.ThrowAsync<SocketFaultException>(() => connection.ReadAtPodAsync())).Fault.ShouldBe(SocketFault.ConnectionReset);
        }
        await using (var connection = await KernelTcp.AcceptedByKernelAsync(wire))
        {
            await connection.EchoAsync();
            connection.Pod.Abort();
            (await Should.ThrowAsync<SocketException>(() => connection.ReadAtKernelAsync())).SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
        }
    }

    [KernelFact]
    public async Task A_reader_at_the_kernel_that_pauses_shuts_the_window_and_probes_find_it_open_again()
    {
        await using var wire = new KernelWire(settings: ("ipv4/tcp_moderate_rcvbuf", "0"));
        await using var connection = await KernelTcp.AcceptedByKernelAsync(wire, receiveBuffer: 20_000);
        var data = KernelTcp.RandomBytes(1, 500_000);
        var shut = wire.SeeAsync(fromPod: false, segment => segment.Window == 0);
        var writing = connection.WriteFromPodAsync(data);
        await shut;
        for (var i = 0; i < 2; i++)
        {
            await wire.SeeAsync(fromPod: true, segment => segment.Payload.Length == 1);
            await wire.SeeAsync(fromPod: false, segment => segment.Window == 0);
        }
        (await connection.ReadAtKernelAsync()).AsSpan().SequenceEqual(data).ShouldBeTrue();
        await writing;
    }

    [KernelFact]
    public async Task A_reader_in_the_pod_that_pauses_shuts_the_window_and_answers_the_kernel_s_probes()
    {
        await using var wire = new KernelWire(configure: options => options with { ReceiveBuffer = 20_000 });
        await using var connection = await KernelTcp.AcceptedByPodAsync(wire);
        var data = KernelTcp.RandomBytes(1, 500_000);
        var shut = wire.SeeAsync(fromPod: true, segment => segment.Window == 0);
        var writing = connection.WriteFromKernelAsync(data);
        var next = (await shut).Acknowledgment;
        for (var i = 0; i < 2; i++)
        {
            // The kernel probes with an empty segment just before what is awaited.
            await wire.SeeAsync(fromPod: false, segment => segment.Sequence == next - 1);
            await wire.SeeAsync(fromPod: true, segment => segment.Acknowledgment == next && segment.Window == 0);
        }
        (await connection.ReadAtPodAsync()).AsSpan().SequenceEqual(data).ShouldBeTrue();
        await writing;
    }

    [KernelFact]
    public async Task Both_windows_may_be_shut_at_once()
    {
        await using var wire = new KernelWire(configure: options => options with { ReceiveBuffer = 20_000 }, settings: ("ipv4/tcp_moderate_rcvbuf", "0"));
        await using var connection = await KernelTcp.AcceptedByKernelAsync(wire, receiveBuffer: 20_000);
        var (toPod, toKernel) = (KernelTcp.RandomBytes(1, 500_000), KernelTcp.RandomBytes(2, 500_000));
        var shut = Task.WhenAll(wire.SeeAsync(fromPod: true, segment => segment.Window == 0), wire.SeeAsync(fromPod: false, segment => segment.Window == 0));
        var writing = Task.WhenAll(connection.WriteFromKernelAsync(toPod), connection.WriteFromPodAsync(toKernel));
        await shut;
        await wire.SeeAsync(fromPod: true, segment => segment.Payload.Length == 1);
        // The pod's reader alone goes on first: its window must come through while the other is still shut.
        (await connection.ReadAtPodAsync()).AsSpan().SequenceEqual(toPod).ShouldBeTrue();
        (await connection.ReadAtKernelAsync()).AsSpan().SequenceEqual(toKernel).ShouldBeTrue();
        await writing;
    }

    [KernelFact]
    public async Task The_kernel_s_keep_alive_probes_are_answered()
    {
        await using var wire = new KernelWire();
        await using var connection = await KernelTcp.AcceptedByPodAsync(wire);
        await connection.EchoAsync();
        var seen = wire.SeeAsync(fromPod: false, segment => segment.Payload.IsEmpty);
        connection.Kernel.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        connection.Kernel.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 1);
        connection.Kernel.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
        connection.Kernel.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 1);
        await seen;
        for (var i = 0; i < 2; i++)
        {
            var answer = wire.SeeAsync(fromPod: true, segment => segment.Flags == TcpFlags.Ack);
            var probe = await wire.SeeAsync(fromPod: false, segment => segment.Payload.IsEmpty);
            (await answer).Acknowledgment.ShouldBe(probe.Sequence + 1);
        }
        await connection.EchoAsync();
    }

    [KernelFact]
    public async Task Urgent_data_is_part_of_the_stream()
    {
        await using var wire = new KernelWire();
        await using var connection = await KernelTcp.AcceptedByPodAsync(wire);
        await connection.WriteFromKernelAsync("before "u8.ToArray(), end: false);
        (await connection.Kernel.SendAsync("urgent"u8.ToArray(), SocketFlags.OutOfBand)).ShouldBe(6);
        await connection.WriteFromKernelAsync(" after"u8.ToArray());
        (await connection.ReadAtPodAsync()).ShouldBe("before urgent after"u8.ToArray());
    }

    [KernelFact]
    public async Task Both_may_open_at_once()
    {
        await using var wire = new KernelWire();
        wire.Hold();
        var syns = Task.WhenAll(wire.SeeAsync(fromPod: true, segment => segment.Flags == TcpFlags.Syn), wire.SeeAsync(fromPod: false, segment => segment.Flags == TcpFlags.Syn));
        using var socket = wire.Kernel.OpenSocket(AddressFamily.InterNetwork);
        socket.Bind(KernelTcp.KernelEndpoint(4000));
        var kernel = socket.ConnectAsync(KernelTcp.PodEndpoint(5000));
        var pod = wire.Pod.ConnectTcpAsync(KernelTcp.KernelAddress(4000), new(KernelWire.PodV4, 5000));
        await syns;
        wire.LetGo();
        await kernel.WaitAsync(KernelTcp.Limit);
        await using var connection = new KernelTcp(await pod.WaitAsync(KernelTcp.Limit), socket);
        await connection.ExchangeAsync(KernelTcp.RandomBytes(1, 100_000), KernelTcp.RandomBytes(2, 100_000));
    }

    [KernelFact]
    public async Task Forged_segments_in_and_around_the_window_change_nothing()
    {
        await using var wire = new KernelWire();
        await using var connection = await KernelTcp.AcceptedByPodAsync(wire);
        var last = wire.SeeAsync(fromPod: false, segment => segment.Payload.Length == 4);
        await connection.EchoAsync();
        var genuine = await last;
        var next = genuine.Sequence + 4;
        // The window's first byte alone would be a reset's; half a window away, a SYN, or what acknowledges nothing that was sent, proves nothing.
        foreach (var (flags, sequence, acknowledgment) in ((TcpFlags, uint, uint)[])
                 [
                     (TcpFlags.Rst, next + 1, 0), (TcpFlags.Rst, next + 60_000, 0), (TcpFlags.Rst, next - 1, 0), (TcpFlags.Rst | TcpFlags.Ack, next + 10_000_000, genuine.Acknowledgment),
                     (TcpFlags.Syn, next, 0), (TcpFlags.Syn, next + 10, 0), (TcpFlags.Syn | TcpFlags.Ack, next, genuine.Acknowledgment),
                     (TcpFlags.Psh | TcpFlags.Ack, next, genuine.Acknowledgment + 5_000_000), (TcpFlags.Fin | TcpFlags.Ack, next, genuine.Acknowledgment + 1_000_000_000),
                     (TcpFlags.Fin | TcpFlags.Ack, next, genuine.Acknowledgment - 1_000_000_000), (TcpFlags.Psh, next, 0), (TcpFlags.None, next, 0),
                 ])
        {
            wire.Pod.Receive(genuine with
            {
                Flags = flags, Sequence = sequence, Acknowledgment = acknowledgment, Payload = flags.HasFlag(TcpFlags.Psh) || flags.HasFlag(TcpFlags.Fin) ? "forged"u8.ToArray() : default,
            });
            await connection.EchoAsync();
            next += 4;
            genuine = genuine with { Acknowledgment = genuine.Acknowledgment + 4 };
        }
        await connection.ExchangeAsync(KernelTcp.RandomBytes(1, 300_000), KernelTcp.RandomBytes(2, 300_000));
    }

    [KernelFact]
    public async Task A_pod_that_starts_anew_gets_a_connection_from_a_port_that_the_kernel_thinks_connected()
    {
        await using var wire = new KernelWire();
        using var listener = wire.Kernel.Listen(KernelTcp.KernelEndpoint(9090));
        var own = new SocketAddress(KernelWire.PodV4, 5000);
        await wire.Pod.ConnectTcpAsync(KernelTcp.KernelAddress(9090), own).WaitAsync(KernelTcp.Limit);
        using var old = await listener.AcceptAsync();
        wire.ReplacePod();
        // The kernel says that it is somewhere else in the stream; the pod resets that, and its next SYN is a new connection's.
        var accepting = listener.AcceptAsync();
        var pod = await wire.Pod.ConnectTcpAsync(KernelTcp.KernelAddress(9090), own).WaitAsync(KernelTcp.Limit);
        await using var connection = new KernelTcp(pod, await accepting.WaitAsync(KernelTcp.Limit));
        await connection.EchoAsync();
        (await Should.ThrowAsync<SocketException>(() => old.ReceiveAsync(new byte[1]))).SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
    }

    [KernelFact]
    public async Task A_kernel_that_forgot_a_connection_gets_a_new_one_from_the_same_port()
    {
        await using var wire = new KernelWire();
        await using var listener = wire.Pod.ListenTcp(new(IpAddress.AnyV4, 8080));
        using var first = wire.Kernel.OpenSocket(AddressFamily.InterNetwork);
        first.Bind(KernelTcp.KernelEndpoint(4000));
        await first.ConnectAsync(KernelTcp.PodEndpoint(8080)).WaitAsync(KernelTcp.Limit);
        await using var old = (await listener.AcceptAsync()).ShouldNotBeNull();
        wire.IsCut = true;
        first.LingerState = new(true, 0);
        first.Dispose();
        wire.IsCut = false;

        using var second = wire.Kernel.OpenSocket(AddressFamily.InterNetwork);
        second.Bind(KernelTcp.KernelEndpoint(4000));
        await second.ConnectAsync(KernelTcp.PodEndpoint(8080)).WaitAsync(KernelTcp.Limit);
        await using var connection = new KernelTcp((await listener.AcceptAsync().AsTask().WaitAsync(KernelTcp.Limit)).ShouldNotBeNull(), second);
        await connection.EchoAsync();
        (await Should.ThrowAsync<SocketFaultException>(async () => await old.Input.ReadAsync())).Fault.ShouldBe(SocketFault.ConnectionReset);
    }

    [KernelFact]
    public async Task A_pair_of_ports_in_time_wait_at_either_side_may_be_used_again()
    {
        await using var wire = new KernelWire();
        await using var podListener = wire.Pod.ListenTcp(new(IpAddress.AnyV4, 8080));
        for (var i = 0; i < 3; i++)
        {
            // The pod closes first, so that TIME-WAIT is the pod's.
            using var socket = wire.Kernel.OpenSocket(AddressFamily.InterNetwork);
            socket.Bind(KernelTcp.KernelEndpoint(4000));
            await socket.ConnectAsync(KernelTcp.PodEndpoint(8080)).WaitAsync(KernelTcp.Limit);
            await using var connection = new KernelTcp((await podListener.AcceptAsync()).ShouldNotBeNull(), socket);
            await connection.EchoAsync();
            await connection.WriteFromPodAsync([]);
            (await connection.ReadAtKernelAsync()).ShouldBeEmpty();
            await connection.WriteFromKernelAsync([]);
            (await connection.ReadAtPodAsync()).ShouldBeEmpty();
        }
        using var kernelListener = wire.Kernel.Listen(KernelTcp.KernelEndpoint(9090));
        for (var i = 0; i < 2; i++)
        {
            // And here it is the kernel's. The pod's own side is gone with the last acknowledgment.
            var accepting = kernelListener.AcceptAsync();
            var pod = await wire.Pod.ConnectTcpAsync(KernelTcp.KernelAddress(9090), new(KernelWire.PodV4, 5000)).WaitAsync(KernelTcp.Limit);
            await using var connection = new KernelTcp(pod, await accepting.WaitAsync(KernelTcp.Limit));
            await connection.EchoAsync();
            await connection.WriteFromKernelAsync([]);
            (await connection.ReadAtPodAsync()).ShouldBeEmpty();
            var closed = new TaskCompletionSource();
            await using var registration = pod.Closed.Register(() => closed.TrySetResult());
            await connection.WriteFromPodAsync([]);
            (await connection.ReadAtKernelAsync()).ShouldBeEmpty();
            await closed.Task.WaitAsync(KernelTcp.Limit);
        }
    }
}
