using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Faults;

/// <summary>What <see cref="FaultEnds"/> come to just now: addresses. Immutable.</summary>
internal sealed class EndSet(IEnumerable<IpAddress> addresses, IEnumerable<IpNetwork> networks, bool isEverybody = false)
{
    public static readonly EndSet Everybody = new([], [], isEverybody: true);

    private readonly FrozenSet<IpAddress> _addresses = addresses.ToFrozenSet();
    private readonly ImmutableArray<IpNetwork> _networks = [.. networks.Distinct()];

    public bool Contains(IpAddress address)
    {
        if (isEverybody || _addresses.Contains(address)) return true;
        foreach (var network in _networks)
            if (network.Contains(address)) return true;
        return false;
    }
}
