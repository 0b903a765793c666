using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Faults;

/// <summary>A fault with the addresses that its ends have just now.</summary>
internal sealed record ActiveFault(Fault Fault, EndSet Source, EndSet Target)
{
    /// <param name="sender">Who sent the packet, whatever address it goes under.</param>
    /// <param name="receiver">Who gets it.</param>
    /// <param name="addressed">Where it was sent to: a service's address, maybe.</param>
    public bool Befalls(IpAddress sender, IpAddress receiver, IpAddress addressed) =>
        (Fault.Direction != FaultDirection.From && Source.Contains(sender) && (Target.Contains(receiver) || Target.Contains(addressed)))
        || (Fault.Direction != FaultDirection.To && Target.Contains(sender) && (Source.Contains(receiver) || Source.Contains(addressed)));
}

/// <summary>All faults that there are just now, in the order in which a packet meets them: first those that let nothing through, then by name. An immutable snapshot.</summary>
internal sealed class FaultTables(ImmutableArray<ActiveFault> faults)
{
    public static readonly FaultTables Empty = new([]);

    public ImmutableArray<ActiveFault> Faults { get; } =
    [
        .. faults.OrderBy(active => !active.Fault.Effects.Partition).ThenBy(active => active.Fault.Name, StringComparer.Ordinal),
    ];

    public bool IsEmpty => Faults.IsEmpty;
}
