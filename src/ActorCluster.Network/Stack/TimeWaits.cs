using ActorCluster.Network.Packets;
using ActorCluster.Network.Tcp;
using ActorCluster.Network.Timing;

namespace ActorCluster.Network.Stack;

/// <summary>A namespace's connections in TIME-WAIT: their places are kept without the machine, the reader, the writer and all that programs hung on them. Under the namespace's lock.</summary>
internal sealed class TimeWaits(NetworkNamespace @namespace) : Timed
{
    private readonly Dictionary<ConnectionKey, int> _places = [];

    // All last equally long, so that they end in this order.
    private readonly SlotList<(ConnectionKey Key, TcpTimeWait Remains)> _rests = new();

    public override long Deadline => _rests.Count == 0 ? TcpConnectionMachine.Never : _rests[_rests.First].Remains.Ends;

    public IEnumerable<ConnectionKey> Keys => _places.Keys;

    public void Add(ConnectionKey key, in TcpTimeWait rest)
    {
        _places.Add(key, _rests.Add((key, rest)));
        @namespace.UpdateDeadline(this);
    }

    public bool TryGet(ConnectionKey key, out TcpTimeWait rest)
    {
        var isThere = _places.TryGetValue(key, out var place);
        rest = isThere ? _rests[place].Remains : default;
        return isThere;
    }

    public void Remove(ConnectionKey key)
    {
        if (!_places.Remove(key, out var place)) return;
        _rests.Remove(place);
        if (_rests.Count == 0) _places.TrimExcess();
    }

    /// <summary>A segment for a connection that is over.</summary>
    /// <param name="answer">What to send; null: nothing.</param>
    /// <returns>False: there is none with this key, or the segment begins a new one, which has the place now.</returns>
    public bool TryReceive(ConnectionKey key, TcpPacket segment, long now, out TcpPacket? answer)
    {
        answer = null;
        if (!_places.TryGetValue(key, out var place)) return false;
        ref var rest = ref _rests[place].Remains;
        if (rest.MayBeReplacedBy(segment))
        {
            Remove(key);
            return false;
        }
        var ended = rest.Ends;
        answer = rest.Receive(segment, now);
        if (rest.Ends <= now) Remove(key);
        else if (rest.Ends != ended) _rests.MoveToEnd(place);
        return true;
    }

    public override void Tick(long now)
    {
        while (Deadline <= now) Remove(_rests[_rests.First].Key);
        @namespace.UpdateDeadline(this);
    }
}
