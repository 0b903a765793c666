using ActorCluster.Network.Addresses;

namespace ActorCluster.Nodes.Addressing;

/// <summary>
/// Hands out a node's pod addresses: upward from .2 (.1 is the gateway), and what came back is the last to be handed out again, so that late packets
/// for a gone pod don't meet a new one. Safe for concurrent use.
/// </summary>
internal sealed class PodAddressPool
{
    private readonly Lock _gate = new();
    private readonly Queue<uint> _returned = new();
    private readonly HashSet<uint> _used = [];
    private readonly uint _last;
    private uint _next;

    public PodAddressPool(IpNetwork network)
    {
        Network = network;
        var first = network.Base.V4Bits;
        _next = first + 2;
        _last = first + (uint)((1UL << (32 - network.Prefix)) - 2);
    }

    public IpNetwork Network { get; }

    /// <returns>False if every address is taken.</returns>
    public bool TryTake(out IpAddress address)
    {
        lock (_gate)
        {
            uint bits;
            if (_next <= _last) bits = _next++;
            else if (!_returned.TryDequeue(out bits))
            {
                address = default;
                return false;
            }
            _used.Add(bits);
            address = IpAddress.FromV4(bits);
            return true;
        }
    }

    public void Return(IpAddress address)
    {
        lock (_gate)
        {
            if (_used.Remove(address.V4Bits)) _returned.Enqueue(address.V4Bits);
        }
    }
}
