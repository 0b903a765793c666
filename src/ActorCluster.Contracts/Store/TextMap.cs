using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace ActorCluster.Contracts.Store;

/// <summary>A few texts by name, in ordinal order, that never change: what a stored object's labels and fields take the least memory as.</summary>
/// <remarks>An immutable dictionary of the library's takes 56 bytes a pair, this one 16; there are dozens for each object, and hundreds of thousands of objects.</remarks>
[SuppressMessage("Naming", "CA1710", Justification = "It is named for what it is to its users, as StoredObject and ObjectHeader are.")]
public sealed class TextMap : IReadOnlyDictionary<string, string>
{
    public static readonly TextMap Empty = new([]);

    private readonly KeyValuePair<string, string>[] _pairs;

    private TextMap(KeyValuePair<string, string>[] pairs) => _pairs = pairs;

    public int Count => _pairs.Length;

    public IEnumerable<string> Keys => _pairs.Select(pair => pair.Key);

    public IEnumerable<string> Values => _pairs.Select(pair => pair.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no '{key}' here.");

    /// <exception cref="ArgumentException">A name comes twice.</exception>
    public static TextMap Of(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Taking([.. pairs]);
    }

    /// <summary>Of an array that is nobody else's from here on.</summary>
    /// <exception cref="ArgumentException">A name comes twice.</exception>
    public static TextMap Taking(KeyValuePair<string, string>[] sorted)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        // Most come from where they are in order already.
        if (!IsAscending(sorted))
        {
            Array.Sort(sorted, static (one, other) => string.CompareOrdinal(one.Key, other.Key));
            for (var i = 1; i < sorted.Length; i++)
                if (string.Equals(sorted[i].Key, sorted[i - 1].Key, StringComparison.Ordinal)) throw new ArgumentException($"'{sorted[i].Key}' comes twice.", nameof(sorted));
        }
        return sorted.Length == 0 ? Empty : new(sorted);
    }

    private static bool IsAscending(KeyValuePair<string, string>[] pairs)
    {
        for (var i = 1; i < pairs.Length; i++)
            if (string.CompareOrdinal(pairs[i - 1].Key, pairs[i].Key) >= 0) return false;
        return true;
    }

    /// <summary>All of it, in order.</summary>
    public ReadOnlySpan<KeyValuePair<string, string>> AsSpan() => _pairs;

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (ref readonly var pair in _pairs.AsSpan())
        {
            if (!string.Equals(pair.Key, key, StringComparison.Ordinal)) continue;
            value = pair.Value;
            return true;
        }
        value = null;
        return false;
    }

    /// <summary>Do both hold the same?</summary>
    public bool SameAs(TextMap other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (Count != other.Count) return false;
        for (var i = 0; i < _pairs.Length; i++)
            if (!string.Equals(_pairs[i].Key, other._pairs[i].Key, StringComparison.Ordinal) || !string.Equals(_pairs[i].Value, other._pairs[i].Value, StringComparison.Ordinal)) return false;
        return true;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_pairs).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
