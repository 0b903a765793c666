namespace ActorCluster.Nodes.Outside;

/// <summary>Where nodes say which sockets they have open on this machine. Safe for concurrent use.</summary>
public interface IOutsideRegistry
{
    /// <summary>These are all of the node's sockets now; none when it goes.</summary>
    void Report(string node, IReadOnlyList<OpenSocket> sockets);
}

/// <summary>A real listening socket, through which a service is reached from this machine.</summary>
/// <param name="Service">"namespace/name".</param>
/// <param name="Kind">"NodePort" or "LoadBalancer".</param>
/// <param name="Protocol">"TCP" or "UDP".</param>
/// <param name="Target">Where its connections go in the cluster's network, "172.18.0.2:30080".</param>
/// <param name="Address">Where it listens, "127.18.0.2:30080".</param>
public sealed record OpenSocket(string Service, string Kind, string Protocol, string Target, string Address);
