using ActorCluster.Contracts.Runtime;
using ActorCluster.Nodes.Outside;

namespace ActorCluster.Host.State;

/// <summary>Writes down, for <c>actorcluster services</c>, which sockets the nodes of this process have open.</summary>
internal sealed class SocketRecords(ClusterFolder folder, SimulationContext simulation) : IOutsideRegistry
{
    public void Report(string node, IReadOnlyList<OpenSocket> sockets)
    {
        try
        {
            folder.WriteSockets(node, sockets);
        }
        catch (Exception) when (!folder.Exists)
        {
            // Taken down meanwhile: nobody will ask.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            simulation.ReportFault($"writing down the sockets of node {node}", fault);
        }
    }
}
