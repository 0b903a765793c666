using System.Net;
using System.Net.Sockets;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>A connection between the pod and the kernel, and what tests do with its two ends.</summary>
internal sealed record KernelTcp(ITcpConnection Pod, Socket Kernel) : IAsyncDisposable
{
    /// <summary>What hangs longer than this hangs for ever; nothing is measured by it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>The kernel connects to the pod.</summary>
    public static async Task<KernelTcp> AcceptedByPodAsync(KernelWire wire, bool v6 = false, int receiveBuffer = 0)
    {
        await using var listener = wire.Pod.ListenTcp(new(v6 ? IpAddress.AnyV6 : IpAddress.AnyV4, 8080));
        var socket = wire.Kernel.OpenSocket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
        if (receiveBuffer != 0) socket.ReceiveBufferSize = receiveBuffer;
        await socket.ConnectAsync(PodEndpoint(8080, v6)).WaitAsync(Limit);
        return new((await listener.AcceptAsync().AsTask().WaitAsync(Limit)).ShouldNotBeNull(), socket);
    }

    /// <summary>The pod connects to the kernel.</summary>
    public static async Task<KernelTcp> AcceptedByKernelAsync(KernelWire wire, bool v6 = false, int receiveBuffer = 0)
    {
        using var listener = wire.Kernel.Listen(KernelEndpoint(9090, v6), receiveBuffer);
        var accepting = listener.AcceptAsync();
        var pod = await wire.Pod.ConnectTcpAsync(KernelAddress(9090, v6)).WaitAsync(Limit);
        return new(pod, await accepting.WaitAsync(Limit));
    }

    public static IPEndPoint PodEndpoint(int port, bool v6 = false) => new((v6 ? KernelWire.PodV6 : KernelWire.PodV4).ToIPAddress(), port);
    public static IPEndPoint KernelEndpoint(int port, bool v6 = false) => new((v6 ? KernelNetwork.AddressV6 : KernelNetwork.AddressV4).ToIPAddress(), port);
    public static ActorCluster.Network.Addresses.SocketAddress KernelAddress(ushort port, bool v6 = false) => new(v6 ? KernelNetwork.AddressV6 : KernelNetwork.AddressV4, port);

    public static byte[] RandomBytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Both ends write, close their sending side and read to the end, all at once.</summary>
    public async Task ExchangeAsync(byte[] toPod, byte[] toKernel)
    {
        var atPod = ReadAtPodAsync();
        var atKernel = ReadAtKernelAsync();
        await Task.WhenAll(WriteFromKernelAsync(toPod), WriteFromPodAsync(toKernel), atPod, atKernel).WaitAsync(Limit);
        (await atPod).AsSpan().SequenceEqual(toPod).ShouldBeTrue("what the pod got is what the kernel sent");
        (await atKernel).AsSpan().SequenceEqual(toKernel).ShouldBeTrue("what the kernel got is what the pod sent");
    }

    public async Task WriteFromKernelAsync(byte[] data, bool end = true)
    {
        for (var sent = 0; sent < data.Length;) sent += await Kernel.SendAsync(data.AsMemory(sent)).AsTask().WaitAsync(Limit);
        if (end) Kernel.Shutdown(SocketShutdown.Send);
    }

    public async Task WriteFromPodAsync(byte[] data, bool end = true)
    {
        for (var sent = 0; sent < data.Length;)
        {
            var count = Math.Min(data.Length - sent, 50_000);
            (await Pod.Output.WriteAsync(data.AsMemory(sent, count)).AsTask().WaitAsync(Limit)).IsCompleted.ShouldBeFalse("the connection is gone");
            sent += count;
        }
        if (end) await Pod.Output.CompleteAsync();
    }

    public async Task<byte[]> ReadAtKernelAsync(int? count = null)
    {
        using var all = new MemoryStream();
        var buffer = new byte[100_000];
        while (all.Length != count)
        {
            var read = await Kernel.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, (count ?? long.MaxValue) - all.Length))).AsTask().WaitAsync(Limit);
            if (read == 0) break;
            all.Write(buffer, 0, read);
        }
        return all.ToArray();
    }

    public async Task<byte[]> ReadAtPodAsync(int? count = null)
    {
        using var all = new MemoryStream();
        while (all.Length != count)
        {
            var result = await Pod.Input.ReadAsync().AsTask().WaitAsync(Limit);
            var taken = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, (count ?? long.MaxValue) - all.Length));
            foreach (var piece in taken) all.Write(piece.Span);
            Pod.Input.AdvanceTo(taken.End);
            if (result.IsCompleted && taken.End.Equals(result.Buffer.End)) break;
        }
        return all.ToArray();
    }

    /// <summary>A few bytes there and back.</summary>
    public async Task EchoAsync()
    {
        await WriteFromKernelAsync("ping"u8.ToArray(), end: false);
        (await ReadAtPodAsync(4)).ShouldBe("ping"u8.ToArray());
        await WriteFromPodAsync("pong"u8.ToArray(), end: false);
        (await ReadAtKernelAsync(4)).ShouldBe("pong"u8.ToArray());
    }

    /// <summary>The kernel's end sends RST when it is closed.</summary>
    public void AbortKernel()
    {
        Kernel.LingerState = new(true, 0);
        Kernel.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Kernel.Dispose();
        await Pod.DisposeAsync();
    }
}
