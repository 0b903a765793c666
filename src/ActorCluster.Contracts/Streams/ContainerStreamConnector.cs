using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Contracts.Streams;

/// <summary>Opens streams by Akka messages to the node's actor, in whichever process it lives.</summary>
/// <param name="addressOf">A node's process: the Akka address in its Node object's annotation; null if there is no such node.</param>
public sealed class ContainerStreamConnector(ActorSystem system, SimulationContext simulation, Func<string, string?> addressOf) : IContainerStreamConnector
{
    /// <inheritdoc/>
    public async Task<IContainerStream> OpenAsync(string nodeName, ContainerStreamRequest request, CancellationToken cancellationToken)
    {
        var text = addressOf(nodeName) ?? throw new ContainerStreamException(404, "NotFound", $"nodes \"{nodeName}\" not found");
        if (!ActorPath.TryParseAddress(text, out var address))
            throw new ContainerStreamException(500, "InternalError", $"node {nodeName} has the address \"{text}\", which is none");

        var stream = new RemoteContainerStream();
        stream.Actor = system.ActorOf(Props.Create(() => new ContainerStreamClientActor(stream, nodeName, address, request, simulation)));
        try
        {
            await stream.Opened.WaitAsync(cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
