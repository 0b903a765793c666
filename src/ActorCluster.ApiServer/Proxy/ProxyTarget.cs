using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>Where a proxied request goes.</summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Authority">host[:port] as the far end is called in URLs.</param>
/// <param name="Node">The node through which it is reached.</param>
/// <param name="Dial">The connection to open there; null: the node's own agent.</param>
internal sealed record ProxyTarget(string Scheme, string Authority, string Node, DialRequest? Dial);
