namespace ActorCluster.Contracts.Tables;

/// <summary>How the control plane makes sure that worker processes have heard of a change of endpoints before it says something that presumes it.</summary>
public interface INetworkTablesFence
{
    /// <summary>Returns when each of the processes routes by what the EndpointSlices were at that revision, or hasn't said so within the bound: a process may be slow, paused or cut off.</summary>
    /// <param name="processes">Akka addresses of worker processes.</param>
    Task PassAsync(IReadOnlyCollection<string> processes, long revision, TimeSpan bound, CancellationToken cancellationToken);
}
