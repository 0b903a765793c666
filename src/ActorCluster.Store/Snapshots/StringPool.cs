using System.Collections.Immutable;
using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.Snapshots;

/// <summary>
/// Lets objects share equal strings and headers: namespaces, labels and owners repeat thousands of times. Bounded: it forgets everything
/// when it is full, which costs memory only. For the writer alone.
/// </summary>
internal sealed class StringPool(int capacity = 65_536)
{
    private readonly HashSet<string> _strings = new(StringComparer.Ordinal);

    public string Shared(string text)
    {
        if (_strings.TryGetValue(text, out var known)) return known;
        if (_strings.Count == capacity) _strings.Clear();
        _strings.Add(text);
        return text;
    }

    /// <summary>The name is the object's own; the rest repeats.</summary>
    public ObjectKey Shared(ObjectKey key) =>
        new(new ResourceName(Shared(key.Resource.Group), Shared(key.Resource.Plural)), Shared(key.Namespace), key.Name);

    /// <summary>Takes from the object's previous header what hasn't changed.</summary>
    public ObjectHeader Shared(ObjectHeader header, ObjectHeader? previous)
    {
        var labels = previous is not null && SameText(header.Labels, previous.Labels) ? previous.Labels : Shared(header.Labels);
        var fields = previous is not null && SameText(header.Fields, previous.Fields) ? previous.Fields : Shared(header.Fields);
        var owners = previous is not null && header.OwnerUids.AsSpan().SequenceEqual(previous.OwnerUids.AsSpan())
            ? previous.OwnerUids
            : [.. header.OwnerUids.Select(Shared)];
        if (previous is null) return new ObjectHeader(header.Uid, labels, fields, owners, header.Deleting);
        return labels == previous.Labels && fields == previous.Fields && owners == previous.OwnerUids
            && header.Uid == previous.Uid && header.Deleting == previous.Deleting
                ? previous
                : new ObjectHeader(header.Uid == previous.Uid ? previous.Uid : header.Uid, labels, fields, owners, header.Deleting);
    }

    private ImmutableSortedDictionary<string, string> Shared(ImmutableSortedDictionary<string, string> pairs) =>
        pairs.IsEmpty ? ObjectHeader.Empty.Labels : pairs.ToImmutableSortedDictionary(pair => Shared(pair.Key), pair => Shared(pair.Value), StringComparer.Ordinal);

    private static bool SameText(ImmutableSortedDictionary<string, string> one, ImmutableSortedDictionary<string, string> other)
    {
        if (ReferenceEquals(one, other)) return true;
        if (one.Count != other.Count) return false;
        foreach (var (key, value) in one)
            if (!other.TryGetValue(key, out var otherValue) || !string.Equals(value, otherValue, StringComparison.Ordinal)) return false;
        return true;
    }
}
