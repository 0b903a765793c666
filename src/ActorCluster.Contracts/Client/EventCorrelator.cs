using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>What happened, before it is decided which Event object says so.</summary>
internal sealed record Occurrence(V1ObjectReference About, string Type, string Reason, string Message, DateTime At);

/// <summary>What to write: a new Event, or a higher count on one written before (Count > 1).</summary>
internal sealed record EventWrite(Occurrence Occurrence, string Name, string Message, int Count, DateTime First);

/// <summary>
/// Decides which Event object an occurrence goes to, as upstream's EventCorrelator does with its defaults (client-go/tools/record/events_cache.go):
/// the same event again counts up; ten that differ in their message only, within 10 minutes, become one "(combined from similar events)";
/// one source has 25 events about an object and then one more each 5 minutes.
/// </summary>
internal sealed class EventCorrelator(Func<Occurrence, string> newName)
{
    private const int CacheEntries = 4096;
    private const int AggregateMaxEvents = 10;
    private const int SpamBurst = 25;
    private static readonly TimeSpan AggregateInterval = TimeSpan.FromSeconds(600);
    private static readonly TimeSpan SpamRefill = TimeSpan.FromSeconds(300);

    private readonly LruCache<SpamKey, SpamBucket> _spam = new(CacheEntries);
    private readonly LruCache<GroupKey, Group> _groups = new(CacheEntries);
    private readonly LruCache<EventKey, EventWrite> _written = new(CacheEntries);

    /// <returns>Null if the source says too much about this object.</returns>
    public EventWrite? Correlate(Occurrence occurrence)
    {
        var group = new GroupKey(ObjectKeyOf(occurrence.About), occurrence.Type, occurrence.Reason);
        var combine = JoinsGroup(group, occurrence);
        var key = combine ? new EventKey(group, "", "") : new EventKey(group, occurrence.About.FieldPath ?? "", occurrence.Message);
        if (!TakeToken(new SpamKey(group.About, occurrence.Type), occurrence.At)) return null;

        var message = combine ? "(combined from similar events): " + occurrence.Message : occurrence.Message;
        var write = _written.TryGet(key, out var before)
            ? before with { Occurrence = occurrence, Message = message, Count = before.Count + 1 }
            : new EventWrite(occurrence, newName(occurrence), message, 1, occurrence.At);
        _written.Set(key, write);
        return write;
    }

    private bool JoinsGroup(GroupKey key, Occurrence occurrence)
    {
        if (!_groups.TryGet(key, out var group) || occurrence.At - group.Last > AggregateInterval)
            _groups.Set(key, group = new Group());
        group.Last = occurrence.At;
        // A list: it is short, and mostly of one.
        if (group.Messages.Count < AggregateMaxEvents && !group.Messages.Contains(occurrence.Message)) group.Messages.Add(occurrence.Message);
        return group.Messages.Count >= AggregateMaxEvents;
    }

    private bool TakeToken(SpamKey key, DateTime now)
    {
        if (!_spam.TryGet(key, out var bucket)) _spam.Set(key, bucket = new SpamBucket { Tokens = SpamBurst, At = now });
        bucket.Tokens = Math.Min(SpamBurst, bucket.Tokens + (now - bucket.At) / SpamRefill);
        bucket.At = now;
        if (bucket.Tokens < 1) return false;
        bucket.Tokens--;
        return true;
    }

    private static string ObjectKeyOf(V1ObjectReference about) =>
        $"{about.ApiVersion}/{about.Kind}/{about.NamespaceProperty}/{about.Name}/{about.Uid}";

    private readonly record struct SpamKey(string About, string Type);

    private readonly record struct GroupKey(string About, string Type, string Reason);

    private readonly record struct EventKey(GroupKey Group, string FieldPath, string Message);

    private sealed class Group
    {
        public List<string> Messages { get; } = new(1);
        public DateTime Last { get; set; }
    }

    private sealed class SpamBucket
    {
        public double Tokens { get; set; }
        public DateTime At { get; set; }
    }
}
