using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Timing;

namespace ActorCluster.Network.Forwarding;

/// <summary>A node's memory of its translated flows, found by either direction's packets. Times are whole seconds from any origin.</summary>
/// <remarks>
/// A packet only stamps its entry. Entries wait in a queue by the earliest time at which they could have expired and are looked at then:
/// expiry costs a few operations for each entry and look, not for each packet. TCP flows that both sides have closed, which are most, wait
/// without entries, in <see cref="FinishedFlows"/>.
/// </remarks>
internal sealed class Conntrack
{
    /// <summary>An entry is looked at again after at most this long, so that flows that end early don't stay queued for a day.</summary>
    private const long LongestWait = 300;

    private const int RecentSlots = 256;

    private readonly Dictionary<FlowKey, ConntrackEntry> _entries = [];

    // Of UDP, by service: what changes of endpoints may have to clear.
    private readonly Dictionary<string, HashSet<ConntrackEntry>> _datagrams = [];

    // The entries of the flows that packets came for last, by hash: packets come in runs.
    private ConntrackEntry?[] _recent = [];
    private readonly DueQueue<ConntrackEntry> _queue = new();
    private readonly FinishedFlows _finished;
    private readonly int _maximum;
    private int _count;

    public Conntrack(int maximum) => (_maximum, _finished) = (maximum, new(Forget));

    /// <summary>Flows, each of which is found in two ways.</summary>
    public int Count => _count + _finished.Count;

    /// <summary>The services that have UDP flows here.</summary>
    public IReadOnlyList<string> DatagramServices => _datagrams.Count == 0 ? [] : [.. _datagrams.Keys];

    public bool IsFull => Count >= _maximum;

    /// <param name="reply">True: the packet goes from the endpoint back to the client.</param>
    public bool TryGet(in FlowKey key, out ConntrackEntry entry, out bool reply)
    {
        if (Count == 0)
        {
            (entry, reply) = (null!, false);
            return false;
        }
        ref var recent = ref _recent[key.GetHashCode() & (RecentSlots - 1)];
        if (recent is not null)
        {
            reply = recent.IsReply(key);
            entry = recent;
            if (reply || recent.IsOriginal(key)) return true;
        }
        if (_entries.TryGetValue(key, out entry!) || (entry = _finished.Find(key)!) is not null)
        {
            recent = entry;
            reply = !entry.IsOriginal(key);
            return true;
        }
        reply = false;
        return false;
    }

    /// <returns>False: there is an entry for one of its directions already.</returns>
    public bool TryAdd(ConntrackEntry entry, long now)
    {
        if (_entries.ContainsKey(entry.Reply) || _finished.Contains(entry.Reply) || _finished.Contains(entry.Original) || !_entries.TryAdd(entry.Original, entry)) return false;
        _entries.Add(entry.Reply, entry);
        if (_recent.Length == 0) _recent = new ConntrackEntry?[RecentSlots];
        _count++;
        if (entry.Protocol == IpProtocol.Udp && entry.IsTranslated)
        {
            if (!_datagrams.TryGetValue(entry.Service, out var flows)) _datagrams.Add(entry.Service, flows = []);
            flows.Add(entry);
        }
        entry.LastSeen = now;
        Enqueue(entry, now);
        return true;
    }

    /// <summary>A packet came for the entry.</summary>
    public void Observe(ConntrackEntry entry, Packet packet, bool reply, long now)
    {
        var isShorter = entry.Observe(packet, reply, now);
        if (entry.IsOfFinished)
        {
            if (entry.IsFinished)
            {
                _finished.Touch(entry);
                return;
            }
            // It was reset, and has another timeout now.
            _finished.Remove(entry.Original);
            entry.IsOfFinished = false;
            TryAdd(entry, now);
        }
        else if (entry.IsFinished)
        {
            Unlist(entry);
            _finished.Add(entry);
        }
        else if (isShorter)
        {
            Enqueue(entry, now);
        }
    }

    public void Remove(ConntrackEntry entry)
    {
        if (entry.IsOfFinished)
        {
            _finished.Remove(entry.Original);
            return;
        }
        if (entry.IsRemoved) return;
        entry.IsRemoved = true;
        Unlist(entry);
        Forget(entry.Original);
        Forget(entry.Reply);
        if (entry.Protocol == IpProtocol.Udp && _datagrams.TryGetValue(entry.Service, out var flows) && flows.Remove(entry) && flows.Count == 0) _datagrams.Remove(entry.Service);
    }

    /// <summary>The UDP flows of a service; may be removed while they are read.</summary>
    public IReadOnlyList<ConntrackEntry> DatagramFlows(string service) => _datagrams.TryGetValue(service, out var flows) ? [.. flows] : [];

    /// <summary>Forgets all flows from or to an address: its pod is gone, and another may get the address.</summary>
    public void RemoveAll(IpAddress address)
    {
        foreach (var entry in _entries.Values.Where(entry => entry.Original.Source == address || entry.Translated.Destination == address).ToArray()) Remove(entry);
        _finished.RemoveAll(address);
    }

    public void Expire(long now)
    {
        _finished.Expire(now);
        while (_queue.TryPeek(out var entry, out var due) && due <= now)
        {
            if (entry.ExpiresAt <= now) Remove(entry);
            else Enqueue(entry, now);
        }
    }

    private void Unlist(ConntrackEntry entry)
    {
        _entries.Remove(entry.Original);
        _entries.Remove(entry.Reply);
        _queue.Remove(entry);
        _count--;
    }

    private void Forget(in FlowKey key)
    {
        ref var recent = ref _recent[key.GetHashCode() & (RecentSlots - 1)];
        if (recent is not null && (recent.IsOriginal(key) || recent.IsReply(key))) recent = null;
    }

    private void Enqueue(ConntrackEntry entry, long now) => _queue.Set(entry, Math.Min(entry.ExpiresAt, now + LongestWait));
}
