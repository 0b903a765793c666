using ActorCluster.Host.Options;

namespace ActorCluster.Host.Membership;

/// <summary>Tells dead processes from unreachable ones, where that can be told.</summary>
internal interface IProcessLiveness
{
    /// <returns>True only if the process that last had this endpoint has certainly ended.</returns>
    bool IsDead(ProcessEndpoint endpoint);
}

/// <summary>Where nothing is known of other processes but what the network says.</summary>
internal sealed class UnknownLiveness : IProcessLiveness
{
    public bool IsDead(ProcessEndpoint endpoint) => false;
}
