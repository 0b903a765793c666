using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Nodes.Outside;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Tests.Outside;

/// <summary>A pod's namespace and the bridge's on one wire, and a real socket behind the bridge.</summary>
public sealed class OutwardTcpTests : IDisposable
{
    private static readonly SocketAddress Place = new(IpAddress.Parse(WellKnown.OutsideAddress), WellKnown.ApiServerPort);
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);
    private readonly NetworkNamespace _outside;
    private readonly NetworkNamespace _pod;

    public OutwardTcpTests()
    {
        _outside = new NetworkNamespace(new() { Name = "outside", Addresses = [Place.Address] }, _simulation, packet => _pod!.Receive(packet));
        _pod = new NetworkNamespace(new() { Name = "pod", Addresses = [IpAddress.Parse("10.244.1.5")] }, _simulation, packet => _outside.Receive(packet));
    }

    [Fact]
    public async Task A_pods_bytes_go_to_the_servers_socket_and_its_answer_comes_back()
    {
        using var server = Listen();
        using var bridge = OutwardTcp.Open(Place, () => server.LocalEndPoint, _outside, _simulation);
        await using var connection = await _pod.ConnectTcpAsync(Place);
        using var accepted = await server.AcceptAsync();

        await connection.Output.WriteAsync(Encoding.ASCII.GetBytes("question"));
        await connection.Output.CompleteAsync();
        var received = new MemoryStream();
        await using (var stream = new NetworkStream(accepted))
        {
            await stream.CopyToAsync(received);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("answer"));
            accepted.Shutdown(SocketShutdown.Both);
        }
        var answer = new MemoryStream();
        await connection.Input.CopyToAsync(answer);

        Encoding.ASCII.GetString(received.ToArray()).ShouldBe("question");
        Encoding.ASCII.GetString(answer.ToArray()).ShouldBe("answer");
    }

    [Fact]
    public async Task A_pod_sees_a_reset_when_the_server_is_down()
    {
        // Bound, so that nobody else gets the port, and not listening.
        using var held = Bound();
        using var bridge = OutwardTcp.Open(Place, () => held.LocalEndPoint, _outside, _simulation);

        await using var connection = await _pod.ConnectTcpAsync(Place);

        await Should.ThrowAsync<SocketFaultException>(async () => await connection.Input.ReadAsync());
    }

    [Fact]
    public async Task A_pod_sees_a_reset_while_the_server_is_nowhere_and_is_served_once_it_is_known_where()
    {
        using var server = Listen();
        EndPoint? known = null;
        using var bridge = OutwardTcp.Open(Place, () => known, _outside, _simulation);

        await using (var early = await _pod.ConnectTcpAsync(Place)) await Should.ThrowAsync<SocketFaultException>(async () => await early.Input.ReadAsync());

        known = server.LocalEndPoint;
        await using var later = await _pod.ConnectTcpAsync(Place);
        using var accepted = await server.AcceptAsync();
    }

    [Fact]
    public async Task A_connection_is_reset_when_the_server_is_not_there_any_more()
    {
        using var server = Listen();
        EndPoint? known = server.LocalEndPoint;
        using var bridge = OutwardTcp.Open(Place, () => known, _outside, _simulation);
        await using var connection = await _pod.ConnectTcpAsync(Place);
        using var accepted = await server.AcceptAsync();

        bridge.Recheck(); // it is there
        await connection.Output.WriteAsync(new byte[] { 1 });
        (await accepted.ReceiveAsync(new byte[1])).ShouldBe(1);
        known = null;
        bridge.Recheck();

        await Should.ThrowAsync<SocketFaultException>(async () => await connection.Input.ReadAsync());
    }

    [Fact]
    public async Task A_connection_that_came_while_the_server_went_is_reset()
    {
        using var server = Listen();
        OutwardTcp? bridge = null;
        var asked = 0;
        bridge = OutwardTcp.Open(Place, WhileItGoes, _outside, _simulation);
        using var opened = bridge;

        await using var connection = await _pod.ConnectTcpAsync(Place);

        await Should.ThrowAsync<SocketFaultException>(async () => await connection.Input.ReadAsync());

        EndPoint? WhileItGoes()
        {
            if (++asked > 1) return null;
            bridge!.Recheck(); // after the answer was found, and before it is known whom it is for
            return server.LocalEndPoint;
        }
    }

    [Fact]
    public async Task No_other_port_answers()
    {
        using var server = Listen();
        using var bridge = OutwardTcp.Open(Place, () => server.LocalEndPoint, _outside, _simulation);

        var refused = await Should.ThrowAsync<SocketFaultException>(() => _pod.ConnectTcpAsync(Place with { Port = (ushort)((IPEndPoint)server.LocalEndPoint!).Port }));

        refused.Fault.ShouldBe(SocketFault.ConnectionRefused);
    }

    public void Dispose()
    {
        _pod.Dispose();
        _outside.Dispose();
    }

    private static Socket Listen()
    {
        var server = Bound();
        server.Listen();
        return server;
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
