using Akka.Actor;
using Google.Protobuf;

namespace ActorCluster.Host.Membership;

/// <summary>
/// The first message of a connection between two Akka.Remote processes says who calls. Read field by field, by WireFormats.proto and ContainerFormats.proto of Akka.NET 1.5, whose classes for it are
/// internal: AkkaProtocolMessage.instruction (2) . AkkaControlMessage.handshakeInfo (2) . AkkaHandshakeInfo.origin (1) . AddressData. What actors tell each other is in
/// AkkaProtocolMessage.payload (1) . AckAndEnvelopeContainer.envelope (2).
/// </summary>
internal static class AkkaHandshake
{
    /// <returns>The caller's Akka address; null if this is no handshake.</returns>
    public static string? OriginOf(ByteString message)
    {
        if (Field(message, 2) is not { } instruction || Field(instruction, 2) is not { } handshake || Field(handshake, 1) is not { } origin) return null;
        string system = "", host = "", protocol = "";
        var port = 0;
        var input = origin.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1: system = input.ReadString(); break;
                case 2: host = input.ReadString(); break;
                case 3: port = (int)input.ReadUInt32(); break;
                case 4: protocol = input.ReadString(); break;
                default: input.SkipLastField(); break;
            }
        }

        return CuttableTransport.AkkaAddress(new Address(protocol, system, host, port));
    }

    /// <summary>Whether it brings something for an actor: it is neither an acknowledgement alone nor one of the connection's own messages.</summary>
    public static bool IsMessage(ByteString message) => Field(message, 1) is { } payload && Field(payload, 2) is not null;

    /// <summary>The bytes of a message's field.</summary>
    private static ByteString? Field(ByteString message, int number)
    {
        var input = message.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == number && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited) return input.ReadBytes();
            input.SkipLastField();
        }

        return null;
    }
}
