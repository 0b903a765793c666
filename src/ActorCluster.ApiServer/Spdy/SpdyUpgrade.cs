using System.Net.WebSockets;
using ActorCluster.Api.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.ApiServer.Spdy;

/// <summary>Turns a request into a SPDY connection: by HTTP upgrade, or tunnelled through a WebSocket (KEP-4006).</summary>
internal static class SpdyUpgrade
{
    private const string Name = "SPDY/3.1";
    private const string ProtocolHeader = "X-Stream-Protocol-Version";
    private const string TunnelPrefix = Name + "+";

    public static bool Asks(HttpContext context) =>
        context.Request.Headers.Upgrade.ToString().Contains(Name, StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase);

    public static bool AsksTunnel(HttpContext context) => context.WebSockets.IsWebSocketRequest
        && context.WebSockets.WebSocketRequestedProtocols.Any(p => p.StartsWith(TunnelPrefix, StringComparison.Ordinal));

    /// <param name="protocol">The Kubernetes protocol that the streams speak, e.g. v4.channel.k8s.io.</param>
    /// <exception cref="StatusException">The client speaks another protocol, or its connection can't be upgraded.</exception>
    public static async Task<SpdyConnection> AcceptAsync(HttpContext context, string protocol)
    {
        if (AsksTunnel(context))
        {
            var offers = context.WebSockets.WebSocketRequestedProtocols;
            if (!offers.Contains(TunnelPrefix + protocol)) throw Refuse(string.Join(' ', offers), TunnelPrefix + protocol);
            // The slash in its name is none of a token: .NET would refuse to send it by itself.
            context.Response.Headers.SecWebSocketProtocol = TunnelPrefix + protocol;
            var socket = await context.WebSockets.AcceptWebSocketAsync();
            return new SpdyConnection(WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true));
        }
        var offered = context.Request.Headers[ProtocolHeader].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries)).ToList();
        // A client that names no protocol takes what it gets.
        if (offered.Count > 0 && !offered.Contains(protocol)) throw Refuse(string.Join(' ', offered), protocol);
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade) throw StatusException.BadRequest("unable to upgrade: the connection is not HTTP/1.1");
        context.Response.Headers.Upgrade = Name;
        if (offered.Count > 0) context.Response.Headers[ProtocolHeader] = protocol;
        return new SpdyConnection(await upgrade.UpgradeAsync());
    }

    private static StatusException Refuse(string client, string server) =>
        StatusException.Other(403, "Forbidden", $"unable to upgrade: unable to negotiate protocol: client supports [{client}], server accepts [{server}]");
}
