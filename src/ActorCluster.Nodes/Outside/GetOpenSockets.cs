using ActorCluster.Nodes.Agent;

namespace ActorCluster.Nodes.Outside;

/// <summary>A question to a node; answered with <see cref="OpenSockets"/>.</summary>
internal sealed record GetOpenSockets : ILocalMessage
{
    public static readonly GetOpenSockets Instance = new();
}

/// <summary>The real sockets through which the node's services are reached (its agent's /debug/sockets).</summary>
internal sealed record OpenSockets(IReadOnlyList<OpenSocket> Sockets) : ILocalMessage;
