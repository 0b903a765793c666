using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>A way to carry the channels of exec and attach over one HTTP connection.</summary>
internal interface IRemoteCommandTransport
{
    /// <summary>Whether the request asks for this transport.</summary>
    bool Accepts(HttpContext context);

    /// <summary>Whether a refusal is the answer to the request; otherwise it is told over the upgraded connection.</summary>
    bool RefusesOverHttp => false;

    /// <summary>Upgrades the connection. Nothing may have been answered yet.</summary>
    Task<IRemoteCommandConnection> UpgradeAsync(HttpContext context);
}

/// <summary>The upgraded connection, seen from the server.</summary>
internal interface IRemoteCommandConnection : IAsyncDisposable
{
    /// <summary>What the client sends, until it is gone.</summary>
    IAsyncEnumerable<RemoteCommandInput> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>Sends output; one call at a time.</summary>
    Task WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>The last message: a Status on the error channel, and the end.</summary>
    Task FinishAsync(ReadOnlyMemory<byte> status, CancellationToken cancellationToken);
}

internal abstract record RemoteCommandInput
{
    public sealed record Stdin(ReadOnlyMemory<byte> Data) : RemoteCommandInput;

    public sealed record StdinClosed : RemoteCommandInput;

    public sealed record Resize(TerminalSize Size) : RemoteCommandInput;
}
