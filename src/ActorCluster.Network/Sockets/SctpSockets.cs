using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Sockets;

/// <summary>A listening SCTP socket, one-to-one style (RFC 6458, 4).</summary>
public interface ISctpListener : IAsyncDisposable
{
    SocketAddress Local { get; }

    /// <summary>The next association; null when the listener was closed.</summary>
    ValueTask<ISctpConnection?> AcceptAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// An established association: a message in here is a message out there. Disposal shuts it down in an orderly way once all that was sent has
/// arrived, or aborts it if messages were left unread (as Linux's close does); there is no half-closed state.
/// </summary>
public interface ISctpConnection : IAsyncDisposable
{
    SocketAddress Local { get; }
    SocketAddress Remote { get; }

    /// <summary>Messages may be sent on streams 0 up to this, exclusive.</summary>
    int OutboundStreams { get; }

    /// <summary>Completes when the message is in the send buffer. Its bytes are copied.</summary>
    /// <exception cref="ArgumentException">The message is empty, or there is no such stream.</exception>
    /// <exception cref="SocketFaultException">MessageTooLong: more than the buffers of both ends take. BrokenPipe: the association ends or has ended.</exception>
    ValueTask SendAsync(SctpMessage message, CancellationToken cancellationToken = default);

    /// <summary>The next message; null when the peer has shut the association down.</summary>
    /// <exception cref="SocketFaultException">ConnectionReset, TimedOut, ... once what had arrived is read; ConnectionAborted after this end's own close.</exception>
    ValueTask<SctpMessage?> ReceiveAsync(CancellationToken cancellationToken = default);

    /// <summary>Sends ABORT and forgets the association.</summary>
    void Abort();
}

/// <param name="Payload">At least one byte.</param>
/// <param name="PayloadProtocol">The payload protocol identifier, which nobody but the programs looks at.</param>
/// <param name="IsUnordered">It is handed out as soon as it is complete, whatever was sent before it on its stream.</param>
public readonly record struct SctpMessage(ReadOnlyMemory<byte> Payload, ushort Stream = 0, uint PayloadProtocol = 0, bool IsUnordered = false);
