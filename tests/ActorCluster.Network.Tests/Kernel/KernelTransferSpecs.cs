using System.Net.Sockets;
using ActorCluster.Network.Addresses;
using Xunit.Abstractions;
using static ActorCluster.Network.Sockets.NetworkNamespaceCalls;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>
/// An emulated pod's TCP and the Linux kernel's, connected by a TUN device: streams arrive whole, both ways, whatever the wire loses, repeats
/// and reorders, and the kernel finds nothing to complain of.
/// </summary>
public class KernelTransferSpecs(ITestOutputHelper output)
{
    private static readonly WireImpairment Bad = new(LossPercent: 2, DuplicatePercent: 2, DelayPercent: 10);

    /// <summary>The kernel's options in all their forms; the machine has window scale and segment size only.</summary>
    public static TheoryData<bool, int, string> Options => new()
    {
        { false, 1500, "" },
        { true, 1500, "" },
        { false, 65535, "" },
        { true, 9000, "ipv4/tcp_sack=0 ipv4/tcp_timestamps=0" },
        { false, 1500, "ipv4/tcp_window_scaling=0" },
        { false, 1280, "ipv4/tcp_ecn=1 ipv4/tcp_timestamps=2" },
        { false, 1500, "ipv4/tcp_congestion_control=reno ipv4/tcp_moderate_rcvbuf=0" },
    };

    [KernelTheory]
    [MemberData(nameof(Options))]
    public async Task Megabytes_arrive_both_ways_at_once_on_a_clean_wire(bool v6, int maximumTransmissionUnit, string settings)
    {
        await using var wire = new KernelWire(maximumTransmissionUnit: maximumTransmissionUnit, settings: Parse(settings));
        await using (var connection = await KernelTcp.AcceptedByPodAsync(wire, v6))
            await connection.ExchangeAsync(KernelTcp.RandomBytes(1, 4_000_000), KernelTcp.RandomBytes(2, 4_000_000));
        await using (var connection = await KernelTcp.AcceptedByKernelAsync(wire, v6))
            await connection.ExchangeAsync(KernelTcp.RandomBytes(3, 4_000_000), KernelTcp.RandomBytes(4, 4_000_000));
        ShouldHaveNoComplaint(wire);
    }

    [KernelTheory]
    [InlineData(1, false, 1500, "")]
    [InlineData(2, true, 1500, "")]
    [InlineData(3, false, 1500, "ipv4/tcp_sack=0 ipv4/tcp_timestamps=0 ipv4/tcp_congestion_control=reno")]
    [InlineData(4, false, 9000, "")]
    public async Task Megabytes_arrive_both_ways_at_once_on_a_wire_that_loses_repeats_and_reorders(int seed, bool v6, int maximumTransmissionUnit, string settings)
    {
        await using var wire = new KernelWire(Bad, seed, maximumTransmissionUnit, settings: Parse(settings));
        output.WriteLine(wire.HasNetem ? "netem and the wire's own impairment" : "The wire's own impairment: this kernel has no netem.");
        await using (var connection = await KernelTcp.AcceptedByPodAsync(wire, v6))
            await connection.ExchangeAsync(KernelTcp.RandomBytes(seed, 2_000_000), KernelTcp.RandomBytes(seed + 1, 2_000_000));
        await using (var connection = await KernelTcp.AcceptedByKernelAsync(wire, v6))
            await connection.ExchangeAsync(KernelTcp.RandomBytes(seed, 200_000), KernelTcp.RandomBytes(seed + 1, 200_000));
        ShouldHaveNoComplaint(wire);
    }

    [KernelFact]
    public async Task A_direction_that_is_closed_leaves_the_other_open()
    {
        await using var wire = new KernelWire();
        await using (var connection = await KernelTcp.AcceptedByPodAsync(wire))
        {
            await connection.WriteFromKernelAsync("a question"u8.ToArray());
            (await connection.ReadAtPodAsync()).ShouldBe("a question"u8.ToArray());
            var answer = KernelTcp.RandomBytes(1, 1_000_000);
            var reading = connection.ReadAtKernelAsync();
            await connection.WriteFromPodAsync(answer);
            (await reading).AsSpan().SequenceEqual(answer).ShouldBeTrue();
        }
        await using (var connection = await KernelTcp.AcceptedByKernelAsync(wire))
        {
            await connection.WriteFromPodAsync("a question"u8.ToArray());
            (await connection.ReadAtKernelAsync()).ShouldBe("a question"u8.ToArray());
            var answer = KernelTcp.RandomBytes(1, 1_000_000);
            var reading = connection.ReadAtPodAsync();
            await connection.WriteFromKernelAsync(answer);
            (await reading).AsSpan().SequenceEqual(answer).ShouldBeTrue();
        }
        ShouldHaveNoComplaint(wire);
    }

    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_short_connections_each_get_their_own_answer(bool bad)
    {
        await using var wire = new KernelWire(bad ? Bad : null, seed: 5);
        var count = bad ? 60 : 400;
        await using var listener = wire.Pod.ListenTcp(new(IpAddress.AnyV4, 8080));
        var serving = Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            await using var connection = (await listener.AcceptAsync()).ShouldNotBeNull();
            var read = await connection.Input.ReadAtLeastAsync(4);
            await connection.Output.WriteAsync(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            connection.Input.AdvanceTo(read.Buffer.End);
            await connection.Output.CompleteAsync();
            (await connection.Input.ReadAsync()).IsCompleted.ShouldBeTrue();
        }));
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (i, cancellation) =>
        {
            using var socket = wire.Kernel.OpenSocket(AddressFamily.InterNetwork);
            await socket.ConnectAsync(KernelTcp.PodEndpoint(8080), cancellation);
            await socket.SendAsync(BitConverter.GetBytes(i), cancellation);
            var answer = new byte[5];
            (await new NetworkStream(socket).ReadAtLeastAsync(answer, 5, throwOnEndOfStream: false, cancellation)).ShouldBe(4);
            BitConverter.ToInt32(answer).ShouldBe(i);
        }).WaitAsync(KernelTcp.Limit);
        await serving.WaitAsync(KernelTcp.Limit);
        ShouldHaveNoComplaint(wire);
    }

    [KernelFact]
    public async Task Datagrams_and_echoes_pass_both_ways()
    {
        await using var wire = new KernelWire();
        foreach (var v6 in (bool[])[false, true])
        {
            using var pod = wire.Pod.BindUdp(new(v6 ? KernelWire.PodV6 : KernelWire.PodV4, 5353));
            using var kernel = wire.Kernel.OpenSocket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram);
            kernel.Bind(KernelTcp.KernelEndpoint(5354, v6));
            var data = KernelTcp.RandomBytes(1, 1400);
            await kernel.SendToAsync(data, KernelTcp.PodEndpoint(5353, v6));
            var got = await pod.ReceiveAsync().AsTask().WaitAsync(KernelTcp.Limit);
            got.Payload.ToArray().ShouldBe(data);
            pod.Send(got.Payload, got.Remote);
            var buffer = new byte[2000];
            (await kernel.ReceiveAsync(buffer).WaitAsync(KernelTcp.Limit)).ShouldBe(1400);
            buffer[..1400].ShouldBe(data);
            (await wire.Pod.EchoAsync(v6 ? KernelNetwork.AddressV6 : KernelNetwork.AddressV4, 1000, KernelTcp.Limit)).ShouldNotBeNull();
        }
        wire.Kernel.Counter("Udp", "InErrors").ShouldBe(0);
    }

    /// <summary>No segment was malformed or had a wrong checksum in the kernel's eyes. (That the pod had none to complain of, the wire checks.)</summary>
    private static void ShouldHaveNoComplaint(KernelWire wire)
    {
        // A SYN that comes twice counts as an error too.
        if (!wire.IsBad) wire.Kernel.Counter("Tcp", "InErrs").ShouldBe(0);
        wire.Kernel.Counter("Tcp", "InCsumErrors").ShouldBe(0);
        wire.Kernel.Counter("Ip", "InHdrErrors").ShouldBe(0);
    }

    private static (string, string)[] Parse(string settings) =>
        [.. settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(setting => setting.Split('=')).Select(setting => (setting[0], setting[1]))];
}
