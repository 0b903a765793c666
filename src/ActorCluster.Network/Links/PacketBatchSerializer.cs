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
    private const string AskManifest = "a";
    private const string OfferManifest = "o";

    public override int Identifier => 7201;

    public override string Manifest(object o) => o switch
    {
        PacketBatch => BatchManifest,
        GetDirectLink => AskManifest,
        DirectLinkOffer => OfferManifest,
        _ => PacketManifest,
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        PacketBatch batch => PacketCodec.Encode(batch),
        Packet packet => PacketCodec.Encode(packet),
        GetDirectLink => [],
        DirectLinkOffer offer => [(byte)(offer.Port >> 8), (byte)offer.Port, .. offer.Secret],
        _ => throw new SerializationException($"{GetType().Name} has no wire form for {obj?.GetType()}."),
    };

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        BatchManifest => PacketCodec.DecodeBatch(bytes),
        PacketManifest => PacketCodec.DecodePacket(bytes),
        AskManifest => new GetDirectLink(),
        OfferManifest when bytes is [var high, var low, .. var secret] => new DirectLinkOffer((ushort)(high << 8 | low), [.. secret]),
        _ => throw new SerializationException($"{GetType().Name} doesn't know the manifest '{manifest}'."),
    };
}
