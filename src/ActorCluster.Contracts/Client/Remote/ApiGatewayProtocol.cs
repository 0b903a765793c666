using System.Collections.Immutable;
using Akka.Actor;

namespace ActorCluster.Contracts.Client.Remote;

/// <summary>
/// From a client process to <see cref="ApiGatewayActor"/>. The client numbers its sessions, and the frames of each from 1: a gateway that
/// misses a frame, or that has just been born into the middle of a session, answers <see cref="SessionLost"/>, and the client starts a new one.
/// So a lost message or a restarted control plane is never mistaken for silence.
/// </summary>
internal sealed record ToGateway(long Session, long Sequence, IGatewayCommand Command);

/// <summary>From the gateway to the client, numbered the same way.</summary>
internal sealed record FromGateway(long Session, long Sequence, IGatewayReport Report);

internal interface IGatewayCommand;

internal interface IGatewayReport;

/// <summary>Runs one request. Answered by <see cref="AnswerPart"/>s or <see cref="CallFailed"/>.</summary>
internal sealed record Call(long Id, ApiRequest Request) : IGatewayCommand;

/// <summary>Nobody waits for the answer any more.</summary>
internal sealed record CancelCall(long Id) : IGatewayCommand;

/// <summary>Opens a watch, with credit for <see cref="ApiGatewayProtocol.WatchWindow"/> bytes.</summary>
internal sealed record OpenWatch(long Id, WatchRequest Request) : IGatewayCommand;

/// <summary>The watcher has consumed so many bytes; as many more may come.</summary>
internal sealed record GrantCredit(long Id, int Bytes) : IGatewayCommand;

internal sealed record CloseWatch(long Id) : IGatewayCommand;

internal sealed record ClientAlive : IGatewayCommand;

/// <summary>A piece of an answer's body; the first one's status and warnings count.</summary>
internal sealed record AnswerPart(long Id, int StatusCode, ImmutableArray<string> Warnings, ReadOnlyMemory<byte> Body, bool IsLast) : IGatewayReport;

/// <summary>The API server can't answer: what <see cref="ApiUnavailableException"/> is in its own process.</summary>
internal sealed record CallFailed(long Id, string Message) : IGatewayReport;

internal sealed record WatchBatch(long Id, ImmutableArray<WatchEvent> Events) : IGatewayReport
{
    public int Bytes => Events.Sum(static e => ApiGatewayProtocol.SizeOf(e));
}

/// <param name="Unavailable">Why it broke off; null if it just ended.</param>
internal sealed record WatchEnded(long Id, string? Unavailable) : IGatewayReport;

/// <param name="HttpsPort">Where the API listens for HTTPS on the control plane's host; 0: nowhere yet.</param>
internal sealed record GatewayAlive(ushort HttpsPort) : IGatewayReport;

/// <summary>The gateway knows nothing of this session's earlier frames: all its calls and watches have failed.</summary>
internal sealed record SessionLost : IGatewayReport;

internal static class ApiGatewayProtocol
{
    /// <summary>Bytes of events that may be under way in one watch.</summary>
    public const int WatchWindow = 512 * 1024;

    /// <summary>Credit is granted once so much was consumed, so that most events cost no message back. Less than the window by more than that, or a watch would stand still.</summary>
    public const int GrantBytes = WatchWindow / 4;

    /// <summary>A batch is sent once it has so many bytes; one event can be longer than that.</summary>
    public const int BatchBytes = 256 * 1024;

    /// <summary>Longer bodies are sent in parts, so that a big list doesn't hold up everything else between two processes.</summary>
    public const int PartBytes = 256 * 1024;

    public static int SizeOf(WatchEvent e) => e.Object.Length + 8;
}

/// <summary>To the gateway, from its own process: the API listens for HTTPS on this port. Its clients are told.</summary>
internal sealed record HttpsListens(ushort Port) : ILocal;

/// <summary>Marks what an actor of this protocol hears from its own process only.</summary>
internal interface ILocal : INoSerializationVerificationNeeded;
