using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Tcp;

/// <summary>What a <see cref="TcpConnectionMachine"/> says to its surroundings, in the middle of a call to it; nothing here may call back into the machine.</summary>
internal interface ITcpOutput
{
    void Transmit(TcpPacket segment);

    /// <summary>The handshake is done.</summary>
    void OnEstablished();

    /// <summary>The next bytes of the stream. They stay the sender's own memory, which never changes again.</summary>
    void OnData(ReadOnlyMemory<byte> data);

    /// <summary>The peer's FIN: no more data will come.</summary>
    void OnEnd();

    /// <summary>The peer acknowledged data: there is room for more.</summary>
    void OnSendSpace();

    /// <summary>The state is CLOSED. Null: in an orderly way.</summary>
    void OnClosed(SocketFault? fault);
}
