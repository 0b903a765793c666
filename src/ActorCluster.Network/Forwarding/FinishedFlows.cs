using ActorCluster.Network.Addresses;
using ActorCluster.Network.Timing;

namespace ActorCluster.Network.Forwarding;

/// <summary>Translated TCP flows that both sides have closed: what is repeated of them is still translated, until nothing has come for two minutes.</summary>
/// <remarks>Most of what a busy node remembers. Kept without an object for each, which the garbage collector would have to look after.</remarks>
/// <param name="forget">Told of each key that leads to nothing any more.</param>
internal sealed class FinishedFlows(FinishedFlows.Forgetting forget)
{
    public delegate void Forgetting(in FlowKey key);

    private readonly Dictionary<FlowKey, int> _places = [];

    // All last equally long, so that they are forgotten in this order.
    private readonly SlotList<Flow> _flows = new();

    public int Count => _flows.Count;

    public bool Contains(in FlowKey key) => _flows.Count > 0 && _places.ContainsKey(key);

    /// <summary>Takes over what is to be remembered of an entry, which may go on to be used as one that <see cref="Find"/> returns.</summary>
    public void Add(ConntrackEntry entry)
    {
        var place = _flows.Add(new(entry.Original, entry.Translated, entry.Service, entry.LastSeen));
        _places.Add(entry.Original, place);
        _places.Add(entry.Reply, place);
        entry.IsOfFinished = true;
    }

    /// <returns>An entry of which <see cref="Touch"/> has to be told when a packet came; good until its keys are forgotten.</returns>
    public ConntrackEntry? Find(in FlowKey key)
    {
        if (_flows.Count == 0 || !_places.TryGetValue(key, out var place)) return null;
        ref var flow = ref _flows[place];
        return ConntrackEntry.OfFinished(flow.Original, flow.Translated, flow.Service, flow.LastSeen);
    }

    /// <summary>A packet came for it.</summary>
    public void Touch(ConntrackEntry entry)
    {
        if (!_places.TryGetValue(entry.Original, out var place)) return;
        _flows[place].LastSeen = entry.LastSeen;
        _flows.MoveToEnd(place);
    }

    public void Remove(in FlowKey original)
    {
        if (_places.TryGetValue(original, out var place)) RemoveAt(place);
    }

    public void RemoveAll(IpAddress address)
    {
        for (var place = _flows.First; place >= 0;)
        {
            var later = _flows.After(place);
            if (_flows[place].Original.Source == address || _flows[place].Translated.Destination == address) RemoveAt(place);
            place = later;
        }
    }

    public void Expire(long now)
    {
        while (_flows.Count > 0 && _flows[_flows.First].LastSeen + ConntrackEntry.FinishedTimeout <= now) RemoveAt(_flows.First);
    }

    private void RemoveAt(int place)
    {
        var (original, reply) = (_flows[place].Original, _flows[place].Translated.Reversed);
        _places.Remove(original);
        _places.Remove(reply);
        _flows.Remove(place);
        forget(original);
        forget(reply);
        if (_flows.Count == 0) _places.TrimExcess();
    }

    private record struct Flow(FlowKey Original, FlowKey Translated, string Service, long LastSeen);
}
