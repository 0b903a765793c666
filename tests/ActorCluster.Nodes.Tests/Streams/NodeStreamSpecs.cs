using System.Buffers;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Nodes.Streams;
using ActorCluster.Nodes.Tests.Support;

namespace ActorCluster.Nodes.Tests.Streams;

public sealed class NodeStreamSpecs : IDisposable
{
    private static readonly IpAddress Address = IpAddress.Parse("172.18.0.1");
    private readonly NetworkNamespace _host = new(new() { Name = "n1", Addresses = [Address] }, SimulationContext.RealTime(1), _ => { });

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_dialled_connection_carries_bytes_both_ways()
    {
        await using var listener = _host.ListenTcp(new SocketAddress(Address, 80));
        var server = EchoOnceAsync(listener);
        using var peer = new TestPeer();
        peer.Send("hello");

        var exit = await Handler.HandleAsync(new DialRequest("172.18.0.1", 80), peer);

        await server;
        exit.Message.ShouldBeNull();
        peer.Stdout.ShouldBe("hello");
    }

    [Theory]
    [InlineData("172.18.0.1", 81, "dial tcp 172.18.0.1:81: connect: connection refused")]
    [InlineData("no address", 80, "dial tcp no address:80: invalid address")]
    [InlineData("172.18.0.1", 70000, "dial tcp 172.18.0.1:70000: invalid address")]
    public async Task What_cannot_be_dialled_is_refused_in_gos_words(string address, int port, string message)
    {
        using var peer = new TestPeer();
        var refused = await Should.ThrowAsync<ContainerStreamException>(() => Handler.HandleAsync(new DialRequest(address, port), peer));
        refused.Message.ShouldBe(message);
        refused.StatusCode.ShouldBe(503);
    }

    private ContainerStreamHandler Handler => new ContainerStreamHandler(Akka.Actor.ActorRefs.Nobody, SimulationContext.RealTime(1), _host);

    private static async Task EchoOnceAsync(ITcpListener listener)
    {
        await using var connection = (await listener.AcceptAsync(CancellationToken.None)).ShouldNotBeNull();
        var read = await connection.Input.ReadAsync();
        await connection.Output.WriteAsync(read.Buffer.ToArray());
        connection.Input.AdvanceTo(read.Buffer.End);
        await connection.Output.CompleteAsync();
    }
}
