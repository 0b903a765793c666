using System.Diagnostics.CodeAnalysis;

namespace ActorCluster.Network.Tables;

/// <summary>An immutable hash map for tables that are read with every packet and changed one entry at a time.</summary>
/// <remarks>
/// An array of small buckets: a lookup is one hash, one index and a scan of a few entries, however many there are; a change copies the
/// array of bucket references and one bucket. (ImmutableDictionary is a tree: its lookups grow with its size. FrozenDictionary is rebuilt whole.)
/// </remarks>
internal sealed class SnapshotMap<TKey, TValue> where TKey : notnull, IEquatable<TKey>
{
    public static readonly SnapshotMap<TKey, TValue> Empty = new(new KeyValuePair<TKey, TValue>[8][], 0);

    private const int MeanBucket = 4;
    private readonly KeyValuePair<TKey, TValue>[]?[] _buckets;

    private SnapshotMap(KeyValuePair<TKey, TValue>[]?[] buckets, int count) => (_buckets, Count) = (buckets, count);

    public int Count { get; }

    public IEnumerable<TValue> Values
    {
        get
        {
            foreach (var bucket in _buckets)
                foreach (var entry in bucket ?? []) yield return entry.Value;
        }
    }

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_buckets[Index(key, _buckets.Length)] is { } bucket)
        {
            foreach (ref readonly var entry in bucket.AsSpan())
            {
                if (!entry.Key.Equals(key)) continue;
                value = entry.Value;
                return true;
            }
        }
        value = default;
        return false;
    }

    public SnapshotMap<TKey, TValue> With(TKey key, TValue value)
    {
        var buckets = Count >= _buckets.Length * MeanBucket ? Rehash(_buckets, _buckets.Length * 4) : (KeyValuePair<TKey, TValue>[]?[])_buckets.Clone();
        ref var bucket = ref buckets[Index(key, buckets.Length)];
        var old = bucket ?? [];
        var at = Array.FindIndex(old, entry => entry.Key.Equals(key));
        bucket = at < 0 ? [.. old, new(key, value)] : [.. old[..at], new(key, value), .. old[(at + 1)..]];
        return new(buckets, at < 0 ? Count + 1 : Count);
    }

    public SnapshotMap<TKey, TValue> Without(TKey key)
    {
        var index = Index(key, _buckets.Length);
        var old = _buckets[index] ?? [];
        var at = Array.FindIndex(old, entry => entry.Key.Equals(key));
        if (at < 0) return this;
        var buckets = (KeyValuePair<TKey, TValue>[]?[])_buckets.Clone();
        buckets[index] = old.Length == 1 ? null : [.. old[..at], .. old[(at + 1)..]];
        return new(buckets, Count - 1);
    }

    private static KeyValuePair<TKey, TValue>[]?[] Rehash(KeyValuePair<TKey, TValue>[]?[] buckets, int size)
    {
        var lists = new List<KeyValuePair<TKey, TValue>>?[size];
        foreach (var bucket in buckets)
            foreach (var entry in bucket ?? []) (lists[Index(entry.Key, size)] ??= []).Add(entry);
        return Array.ConvertAll(lists, list => list?.ToArray());
    }

    // Multiplied, because the hashes of neighbouring addresses differ in few bits.
    private static int Index(TKey key, int size) => (int)((uint)key.GetHashCode() * 2654435769u >> (32 - int.Log2(size)));
}
