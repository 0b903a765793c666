using ActorCluster.Host.Membership;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.State;

/// <summary>All processes run on this machine and are written down in the cluster's folder: the operating system knows which are dead.</summary>
internal sealed class RecordedLiveness(ClusterFolder folder) : IProcessLiveness
{
    public bool IsDead(ProcessEndpoint endpoint) =>
        folder.ReadProcesses().FirstOrDefault(record => record.Port == endpoint.Port) is { } record && !record.Identity.IsAlive;
}
