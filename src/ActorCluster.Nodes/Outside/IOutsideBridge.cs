using System.Net;

namespace ActorCluster.Nodes.Outside;

/// <summary>A real socket and what carries its traffic into the cluster's network. Disposal closes the socket.</summary>
internal interface IOutsideBridge : IDisposable
{
    IPEndPoint Real { get; }
}
