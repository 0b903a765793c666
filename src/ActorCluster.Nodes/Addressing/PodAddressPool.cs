using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Nodes.Addressing;

/// <summary>
/// Hands out a node's pod addresses: upward from .2 (.1 is the gateway), and what came back is the last to be handed out again, so that late packets
/// for a gone pod don't meet a new one. A pod's addresses of both families have the same place in their blocks, so that one number stands for both.
/// Safe for concurrent use.
/// </summary>
internal sealed class PodAddressPool
{
    private readonly Lock _gate = new();
    private readonly Queue<uint> _returned = new();
    private readonly HashSet<uint> _used = [];
    private readonly uint _last;
    private uint _next = 2;

    /// <param name="networks">The node's blocks, one of each family at most.</param>
    public PodAddressPool(params ImmutableArray<IpNetwork> networks)
    {
        Networks = networks;
        // The last address of an IPv4 block is its broadcast address. No node has more pods than numbers fit an int.
        _last = networks.Min(network => (network.Base.IsV4 ? 32 : 128) - network.Prefix is < 31 and var bits ? (1u << bits) - 2 : int.MaxValue);
    }

    public ImmutableArray<IpNetwork> Networks { get; }

    /// <summary>How many pods have addresses just now.</summary>
    public int Taken
    {
        get { lock (_gate) return _used.Count; }
    }

    /// <summary>Takes a pod's addresses, one of each block, in the blocks' order.</summary>
    /// <returns>False if every address is taken.</returns>
    public bool TryTake(out ImmutableArray<IpAddress> addresses)
    {
        lock (_gate)
        {
            uint place;
            if (_next <= _last) place = _next++;
            else if (!_returned.TryDequeue(out place))
            {
                addresses = [];
                return false;
            }
            _used.Add(place);
            addresses = [.. Networks.Select(network => At(network, place))];
            return true;
        }
    }

    /// <param name="address">Any of the addresses of one pod.</param>
    public void Return(IpAddress address)
    {
        foreach (var network in Networks)
        {
            if (!network.Contains(address)) continue;
            var place = (uint)(address.Low - network.Base.Low);
            lock (_gate)
            {
                if (_used.Remove(place)) _returned.Enqueue(place);
            }
            return;
        }
    }

    private static IpAddress At(IpNetwork network, uint place) => network.Base with { Low = network.Base.Low + place };
}
