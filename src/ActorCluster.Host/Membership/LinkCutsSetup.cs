using ActorCluster.Contracts.Runtime;
using Akka.Actor.Setup;

namespace ActorCluster.Host.Membership;

/// <summary>Gives an ActorSystem's transport the cuts that it obeys.</summary>
internal sealed class LinkCutsSetup(LinkCuts cuts, TimeProvider clock) : Setup
{
    public LinkCuts Cuts { get; } = cuts;

    public TimeProvider Clock { get; } = clock;

    /// <summary>The transport that obeys them; null before it has started.</summary>
    public CuttableTransport? Transport { get; set; }
}
