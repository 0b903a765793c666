using System.Runtime.Serialization;
using ActorCluster.Network.Packets;
using Akka.Actor;
using Akka.Serialization;

namespace ActorCluster.Network.Links;

/// <summary>Akka's way to <see cref="PacketCodec"/>; bound to its types by <see cref="NetworkSerialization.Config"/>.</summary>
public sealed class PacketBatchSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string PacketManifest = "p";
    private const string BatchManifest = "b";

    public override int Identifier => 7201;

    public override string Manifest(object o) => o is PacketBatch ? BatchManifest : PacketManifest;

    public override byte[] ToBinary(object obj) => obj switch
    {
        PacketBatch batch => PacketCodec.Encode(batch),
        Packet packet => PacketCodec.Encode(packet),
        _ => throw new SerializationException($"{GetType().Name} has no wire form for {obj?.GetType()}."),
    };

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        BatchManifest => PacketCodec.DecodeBatch(bytes),
        PacketManifest => PacketCodec.DecodePacket(bytes),
        _ => throw new SerializationException($"{GetType().Name} doesn't know the manifest '{manifest}'."),
    };
}
