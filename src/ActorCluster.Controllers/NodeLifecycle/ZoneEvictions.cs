namespace ActorCluster.Controllers.NodeLifecycle;

internal enum ZoneState
{
    Initial,
    Normal,
    PartialDisruption,
    FullDisruption,
}

/// <summary>
/// Which nodes are due for the taint that drives their pods away, and how fast that goes: slower or not at all where so many nodes are
/// silent that the silence is more likely ours (handleDisruption in pkg/controller/nodelifecycle). Pure: time is given.
/// </summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class ZoneEvictions(double rate, double secondaryRate)
{
    /// <summary>--large-cluster-size-threshold and --unhealthy-zone-threshold.</summary>
    private const int LargeZone = 50;
    private const double UnhealthyShare = 0.55;

    private readonly SortedDictionary<string, Zone> _zones = new(StringComparer.Ordinal);

    public bool AnyWaiting => _zones.Values.Any(zone => zone.Waiting.Count > 0);

    /// <summary>Every zone has lost all its nodes: then nothing is evicted.</summary>
    public bool AllDisrupted => _zones.Count > 0 && _zones.Values.All(zone => zone.State == ZoneState.FullDisruption);

    public static ZoneState StateOf(int ready, int notReady) =>
        ready == 0 && notReady > 0 ? ZoneState.FullDisruption
        : notReady > 2 && (double)notReady / (notReady + ready) >= UnhealthyShare ? ZoneState.PartialDisruption
        : ZoneState.Normal;

    public void Add(string zone, string node, DateTimeOffset now)
    {
        var waiting = ZoneOf(zone, now).Waiting;
        if (!waiting.Contains(node)) waiting.Add(node);
    }

    public void Remove(string node)
    {
        foreach (var zone in _zones.Values) zone.Waiting.Remove(node);
    }

    /// <summary>Takes in how many nodes of each zone are ready and not.</summary>
    /// <returns>What to do beside: enter or leave the mode in which nothing is evicted anywhere.</returns>
    public DisruptionChange Update(IReadOnlyDictionary<string, (int Ready, int NotReady)> zones, DateTimeOffset now)
    {
        var wasDisrupted = AllDisrupted;
        foreach (var gone in _zones.Keys.Where(name => !zones.ContainsKey(name)).ToList()) _zones.Remove(gone);
        foreach (var (name, (ready, notReady)) in zones) ZoneOf(name, now).State = StateOf(ready, notReady);
        var isDisrupted = AllDisrupted;
        foreach (var (name, zone) in _zones) zone.Bucket.SetRate(isDisrupted ? 0 : RateOf(zone.State, zones[name].Ready + zones[name].NotReady), now);
        return (wasDisrupted, isDisrupted) switch
        {
            (false, true) => DisruptionChange.Entered,
            (true, false) => DisruptionChange.Left,
            _ => DisruptionChange.None,
        };
    }

    /// <summary>The nodes whose turn it is.</summary>
    public IReadOnlyList<string> Take(DateTimeOffset now)
    {
        List<string> taken = [];
        foreach (var zone in _zones.Values)
        {
            while (zone.Waiting.Count > 0 && zone.Bucket.TryTake(now))
            {
                taken.Add(zone.Waiting[0]);
                zone.Waiting.RemoveAt(0);
            }
        }

        return taken;
    }

    private Zone ZoneOf(string name, DateTimeOffset now)
    {
        if (!_zones.TryGetValue(name, out var zone)) _zones.Add(name, zone = new Zone(new TokenBucket(rate, now)));
        return zone;
    }

    private double RateOf(ZoneState state, int size) => state != ZoneState.PartialDisruption ? rate : size > LargeZone ? secondaryRate : 0;

    private sealed class Zone(TokenBucket bucket)
    {
        public TokenBucket Bucket { get; } = bucket;
        public ZoneState State { get; set; }
        public List<string> Waiting { get; } = [];
    }
}

internal enum DisruptionChange
{
    None,
    Entered,
    Left,
}
