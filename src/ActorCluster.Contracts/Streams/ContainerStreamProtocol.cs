using Akka.Actor;

namespace ActorCluster.Contracts.Streams;

/// <summary>
/// Asks a node's actor (at WellKnown.NodesPath/{nodeName}) for a stream; the sender is the caller's end. The node makes a child from
/// <see cref="ContainerStreamServerActor.Props"/> and forwards this message to it.
/// </summary>
public sealed record OpenContainerStream(ContainerStreamRequest Request);

/// <summary>What the two ends of a stream tell one another. Each numbers its frames from 1, so that a lost one is noticed.</summary>
internal sealed record StreamFrame(long Sequence, IStreamContent Content);

internal interface IStreamContent;

/// <summary>The container's end has accepted: the caller's OpenAsync completes.</summary>
internal sealed record StreamAccepted : IStreamContent;

/// <summary>Input or output, within the credit of its channel (input) or of the stream (output).</summary>
internal sealed record StreamData(StreamChannel Channel, ReadOnlyMemory<byte> Data) : IStreamContent;

/// <summary>The receiver has consumed so many bytes; as many more may come. Output counts for all channels together, under Stdout.</summary>
internal sealed record StreamCredit(StreamChannel Channel, int Bytes) : IStreamContent;

internal sealed record StreamInputClosed(StreamChannel Channel) : IStreamContent;

internal sealed record StreamResized(TerminalSize Size) : IStreamContent;

/// <summary>The last frame of the container's end.</summary>
internal sealed record StreamExited(StreamExit Exit) : IStreamContent;

/// <summary>The last frame of the container's end: refused, or failed on the way.</summary>
internal sealed record StreamFailed(int StatusCode, string Reason, string Message) : IStreamContent;

/// <summary>The last frame of the caller's end: it doesn't want any more.</summary>
internal sealed record StreamAbandoned : IStreamContent;

internal sealed record StreamAlive : IStreamContent;

internal static class ContainerStreamProtocol
{
    /// <summary>Bytes that may be under way: for each input channel, and for all output together.</summary>
    public const int Window = 64 * 1024;

    /// <summary>One frame carries at most so many bytes.</summary>
    public const int LargestFrame = 16 * 1024;

    /// <summary>Consumed bytes are reported once there are so many of them.</summary>
    public const int CreditStep = Window / 4;

    /// <summary>A handler that hasn't refused within this time has accepted, even if it has neither read nor written.</summary>
    public static readonly TimeSpan AcceptAfter = TimeSpan.FromMilliseconds(200);
}

/// <summary>What the stream's own process tells its actor.</summary>
internal sealed record SendContent(IStreamContent Content) : INoSerializationVerificationNeeded;
