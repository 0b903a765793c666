using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Streams;

/// <summary>What the node's agent answers at its own port (pkg/kubelet/server): its health. It keeps no logs of its own and no statistics.</summary>
internal static class AgentStream
{
    public static async Task<StreamExit> RunAsync(AgentRequest request, IContainerStreamPeer peer)
    {
        if (request.Path is not ("/healthz" or "/healthz/ping" or "/healthz/syncloop")) throw new ContainerStreamException(404, "NotFound", "404 page not found");
        await peer.WriteAsync(StreamChannel.Stdout, "ok"u8.ToArray(), peer.CallerGone);
        return new StreamExit(null);
    }
}
