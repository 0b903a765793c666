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
    private HashSet<string>.AlternateLookup<ReadOnlySpan<char>>? _bySpan;

    /// <summary>Makes a string only of what isn't known yet.</summary>
    public string Shared(ReadOnlySpan<char> text)
    {
        var lookup = _bySpan ??= _strings.GetAlternateLookup<ReadOnlySpan<char>>();
        return lookup.TryGetValue(text, out var known) ? known : Shared(text.ToString());
    }

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
        if (header == (object?)previous) return header;
        var labels = previous is not null && header.Labels.SameAs(previous.Labels) ? previous.Labels : Shared(header.Labels);
        var fields = previous is not null && header.Fields.SameAs(previous.Fields) ? previous.Fields : Shared(header.Fields);
        var owners = previous is not null && header.OwnerUids.AsSpan().SequenceEqual(previous.OwnerUids.AsSpan())
            ? previous.OwnerUids
            : [.. header.OwnerUids.Select(Shared)];
        if (previous is null) return new ObjectHeader(header.Uid, labels, fields, owners, header.Deleting);
        return labels == previous.Labels && fields == previous.Fields && owners == previous.OwnerUids
            && header.Uid == previous.Uid && header.Deleting == previous.Deleting
                ? previous
                : new ObjectHeader(header.Uid == previous.Uid ? previous.Uid : header.Uid, labels, fields, owners, header.Deleting);
    }

    private TextMap Shared(TextMap pairs) => TextMap.Of(pairs.Select(pair => new KeyValuePair<string, string>(Shared(pair.Key), Shared(pair.Value))));
}
