using System.Diagnostics.CodeAnalysis;

namespace ActorCluster.Network.Tables;

/// <summary>An immutable hash map for tables that are read with every packet and changed one entry at a time.</summary>
/// <remarks>
/// Pages of small buckets: a lookup is one hash, two indices and a scan of a few entries, however many there are; a change copies the list of
/// pages, one page and one bucket. (ImmutableDictionary is a tree of single entries: its lookups grow with its size. FrozenDictionary is rebuilt whole.)
/// </remarks>
internal sealed class SnapshotMap<TKey, TValue> where TKey : notnull, IEquatable<TKey>
{
    private const int MeanBucket = 4;
    private const int PageBits = 6;
    private const int PageSize = 1 << PageBits;

    public static readonly SnapshotMap<TKey, TValue> Empty = new([new Page()], 0);

    private readonly Page[] _pages;

    private SnapshotMap(Page[] pages, int count) => (_pages, Count) = (pages, count);

    public int Count { get; }

    public IEnumerable<TValue> Values
    {
        get
        {
            foreach (var page in _pages)
                foreach (var bucket in page.Buckets)
                    foreach (var entry in bucket ?? []) yield return entry.Value;
        }
    }

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var hash = Hash(key);
        if (_pages[PageOf(hash, _pages)].Buckets[BucketOf(hash)] is { } bucket)
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
        var hash = Hash(key);
        var pages = Count >= _pages.Length * PageSize * MeanBucket ? Rehash(_pages, _pages.Length * 4) : [.. _pages];
        ref var page = ref pages[PageOf(hash, pages)];
        var old = page.Buckets[BucketOf(hash)] ?? [];
        var at = Array.FindIndex(old, entry => entry.Key.Equals(key));
        page = page.With(BucketOf(hash), at < 0 ? [.. old, new(key, value)] : [.. old[..at], new(key, value), .. old[(at + 1)..]]);
        return new(pages, at < 0 ? Count + 1 : Count);
    }

    public SnapshotMap<TKey, TValue> Without(TKey key)
    {
        var hash = Hash(key);
        var index = PageOf(hash, _pages);
        var old = _pages[index].Buckets[BucketOf(hash)] ?? [];
        var at = Array.FindIndex(old, entry => entry.Key.Equals(key));
        if (at < 0) return this;
        Page[] pages = [.. _pages];
        pages[index] = pages[index].With(BucketOf(hash), old.Length == 1 ? null : [.. old[..at], .. old[(at + 1)..]]);
        return new(pages, Count - 1);
    }

    private static Page[] Rehash(Page[] pages, int count)
    {
        var lists = new List<KeyValuePair<TKey, TValue>>?[count, PageSize];
        var grown = new Page[count];
        foreach (var entry in pages.SelectMany(page => page.Buckets).SelectMany(bucket => bucket ?? []))
        {
            var hash = Hash(entry.Key);
            (lists[PageOf(hash, grown), BucketOf(hash)] ??= []).Add(entry);
        }
        for (var page = 0; page < count; page++)
        {
            grown[page] = new();
            for (var bucket = 0; bucket < PageSize; bucket++) grown[page].Buckets[bucket] = lists[page, bucket]?.ToArray();
        }
        return grown;
    }

    // Multiplied, because the hashes of neighbouring addresses differ in few bits; the high bits are the good ones.
    private static uint Hash(TKey key) => (uint)key.GetHashCode() * 2654435769u;

    private static int BucketOf(uint hash) => (int)(hash >> (32 - PageBits));

    private static int PageOf(uint hash, Page[] pages) => (int)((ulong)(hash << PageBits) * (uint)pages.Length >> 32);

    private sealed class Page
    {
        public readonly KeyValuePair<TKey, TValue>[]?[] Buckets = new KeyValuePair<TKey, TValue>[PageSize][];

        public Page With(int index, KeyValuePair<TKey, TValue>[]? bucket)
        {
            var page = new Page();
            Buckets.CopyTo(page.Buckets, 0);
            page.Buckets[index] = bucket;
            return page;
        }
    }
}
