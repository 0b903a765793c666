namespace ActorCluster.Network.Faults;

/// <summary>Which way the packets go that a fault befalls.</summary>
public enum FaultDirection
{
    /// <summary>From the source to the target.</summary>
    To,

    /// <summary>From the target to the source.</summary>
    From,

    Both,
}

/// <summary>
/// A fault of the network, as plain data: what happens to packets between two kinds of ends. Each sender has a wire of its own: of three sources that have
/// a bandwidth of 1 MB/s, each has that much.
/// </summary>
/// <remarks>
/// Ends are those of the packet as the pods mean it: a packet to a service counts as one to the endpoint that gets it, and also as one to the service's
/// address. (Chaos Mesh's filters stand before the translation, and see the service's address only.) What goes from a pod to itself is not touched.
/// </remarks>
/// <param name="Name">Who it is, in traces and captures: "NetworkChaos default/web-delay". Faults of one name replace each other.</param>
public sealed record Fault(string Name, FaultEnds Source, FaultEnds Target, FaultDirection Direction, FaultEffects Effects)
{
    public override string ToString() => $"{Name}: {FaultTexts.Describe(Effects)}";
}
