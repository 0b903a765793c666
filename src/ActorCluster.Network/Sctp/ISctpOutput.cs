using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Sctp;

/// <summary>What a <see cref="SctpAssociationMachine"/> says to its surroundings, in the middle of a call to it; nothing here may call back into the machine.</summary>
internal interface ISctpOutput
{
    void Transmit(SctpPacket packet);

    /// <summary>The association is set up.</summary>
    void OnEstablished();

    /// <summary>The next message of its stream.</summary>
    /// <param name="cost">Of the receive buffer; to be given back with <see cref="SctpAssociationMachine.Consume"/>.</param>
    void OnMessage(SctpMessage message, int cost);

    /// <summary>The peer will send no more messages.</summary>
    void OnEnd();

    /// <summary>The state is CLOSED. Null: in an orderly way.</summary>
    void OnClosed(SocketFault? fault);
}
