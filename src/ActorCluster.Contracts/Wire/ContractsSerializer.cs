using System.Runtime.Serialization;
using ActorCluster.Contracts.Client.Remote;
using ActorCluster.Contracts.Streams;
using ActorCluster.Contracts.Tables;
using Akka.Actor;
using Akka.Serialization;

namespace ActorCluster.Contracts.Wire;

/// <summary>The wire form of all that Contracts sends between processes. Bound by <see cref="ContractsSerialization.Config"/>.</summary>
/// <remarks>Both ends run the same version: the form may change with every release, and names no versions.</remarks>
public sealed class ContractsSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string ToGatewayManifest = "tg";
    private const string FromGatewayManifest = "fg";
    private const string OpenStreamManifest = "os";
    private const string StreamFrameManifest = "sf";
    private const string AwaitSlicesManifest = "as";
    private const string SlicesAppliedManifest = "sa";

    /// <summary>Unique among the serializers of one ActorSystem.</summary>
    public override int Identifier => 7301;

    public override string Manifest(object o) => o switch
    {
        ToGateway => ToGatewayManifest,
        FromGateway => FromGatewayManifest,
        OpenContainerStream => OpenStreamManifest,
        StreamFrame => StreamFrameManifest,
        AwaitEndpointSlices => AwaitSlicesManifest,
        EndpointSlicesApplied => SlicesAppliedManifest,
        _ => throw new SerializationException($"{o?.GetType()} is none of Contracts' messages."),
    };

    public override byte[] ToBinary(object obj)
    {
        var writer = new WireWriter(SizeHint(obj));
        switch (obj)
        {
            case ToGateway message: GatewayCodec.Write(writer, message); break;
            case FromGateway message: GatewayCodec.Write(writer, message); break;
            case OpenContainerStream message: StreamCodec.Write(writer, message); break;
            case StreamFrame message: StreamCodec.Write(writer, message); break;
            case AwaitEndpointSlices message: writer.Signed(message.Revision); break;
            case EndpointSlicesApplied message: writer.Signed(message.Revision); break;
            default: throw new SerializationException($"{obj?.GetType()} is none of Contracts' messages.");
        }

        return writer.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new WireReader(bytes);
        object message = manifest switch
        {
            ToGatewayManifest => GatewayCodec.ReadToGateway(ref reader),
            FromGatewayManifest => GatewayCodec.ReadFromGateway(ref reader),
            OpenStreamManifest => StreamCodec.ReadOpen(ref reader),
            StreamFrameManifest => StreamCodec.ReadFrame(ref reader),
            AwaitSlicesManifest => new AwaitEndpointSlices(reader.Signed()),
            SlicesAppliedManifest => new EndpointSlicesApplied(reader.Signed()),
            _ => throw new SerializationException($"\"{manifest}\" is none of Contracts' messages."),
        };
        reader.End();
        return message;
    }

    /// <summary>About how long it will be, so that the buffer needn't grow.</summary>
    private static int SizeHint(object message) => 128 + message switch
    {
        ToGateway { Command: Call call } => call.Request.Body.Length,
        FromGateway { Report: AnswerPart part } => part.Body.Length,
        FromGateway { Report: WatchBatch batch } => batch.Bytes,
        StreamFrame { Content: StreamData data } => data.Data.Length,
        _ => 0,
    };
}
