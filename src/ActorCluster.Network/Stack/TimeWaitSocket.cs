using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Stack;

/// <summary>A connection's machine in TIME-WAIT, without the reader, the writer and all that programs hung on them.</summary>
/// <remarks>A server that closes first leaves one of these for each connection of the last minute, where Linux has its tcp_timewait_sock.</remarks>
internal sealed class TimeWaitSocket : TcpSocket, ITcpOutput
{
    private readonly NetworkNamespace _namespace;

    public TimeWaitSocket(NetworkNamespace @namespace, ConnectionKey key, TcpConnectionMachine machine) : base(key)
    {
        (_namespace, Machine) = (@namespace, machine);
        machine.Output = this;
    }

    public override TcpConnectionMachine Machine { get; }

    public override void Receive(TcpPacket segment, long now)
    {
        Machine.Receive(segment, now);
        _namespace.UpdateDeadline(this);
    }

    public override void Tick(long now)
    {
        Machine.Tick(now);
        _namespace.UpdateDeadline(this);
    }

    void ITcpOutput.Transmit(TcpPacket segment) => _namespace.Transmit(segment);
    void ITcpOutput.OnClosed(SocketFault? fault) => _namespace.Remove(this);

    // Both directions are over: none of these comes any more.
    void ITcpOutput.OnEstablished() => throw Impossible();
    void ITcpOutput.OnData(ReadOnlyMemory<byte> data) => throw Impossible();
    void ITcpOutput.OnEnd() => throw Impossible();

    // A repeated acknowledgment may say it once more; there is nobody to be told.
    void ITcpOutput.OnSendSpace()
    {
    }

    private static InvalidOperationException Impossible() => new("A connection in TIME-WAIT has no more to receive.");
}
