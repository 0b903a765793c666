using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using ActorCluster.Contracts.Store;
using ActorCluster.Contracts.Wire;
using ActorCluster.Store.Snapshots;

namespace ActorCluster.Store.Backends;

/// <summary>The compact form in which backends keep an object's header, so that loading needn't parse every object's JSON.</summary>
internal static class HeaderCodec
{
    public static byte[] Write(ObjectHeader header)
    {
        var to = new WireWriter(128);
        to.Text(header.Uid);
        to.Bool(header.Deleting);
        Write(to, header.Labels);
        Write(to, header.Fields);
        to.Texts(header.OwnerUids.IsDefault ? [] : header.OwnerUids);
        return to.ToArray();
    }

    /// <param name="previous">That of the version before, whose parts are taken where they are the same; most writes leave all of it as it was.</param>
    /// <param name="pool">Where texts that repeat are found.</param>
    /// <exception cref="SerializationException">The bytes are damaged.</exception>
    public static ObjectHeader Read(ReadOnlyMemory<byte> bytes, ObjectHeader? previous, StringPool pool)
    {
        var from = new WireReader(bytes);
        var uidBytes = from.Bytes().Span;
        var uid = previous is not null && Utf8Texts.Same(uidBytes, previous.Uid) ? previous.Uid : Utf8Texts.Strict(uidBytes);
        var deleting = from.Bool();
        var labels = ReadPairs(ref from, previous?.Labels, pool);
        var fields = ReadPairs(ref from, previous?.Fields, pool);
        var owners = ReadOwners(ref from, previous?.OwnerUids ?? default, pool);
        from.End();
        return previous is not null && ReferenceEquals(uid, previous.Uid) && deleting == previous.Deleting
            && ReferenceEquals(labels, previous.Labels) && ReferenceEquals(fields, previous.Fields) && owners == previous.OwnerUids
                ? previous
                : new ObjectHeader(uid, labels, fields, owners, deleting);
    }

    private static void Write(WireWriter to, TextMap pairs)
    {
        to.Unsigned((ulong)pairs.Count);
        foreach (var (key, value) in pairs)
        {
            to.Text(key);
            to.Text(value);
        }
    }

    private static TextMap ReadPairs(ref WireReader from, TextMap? previous, StringPool pool)
    {
        var begin = from;
        var count = from.Length(2);
        if (previous is not null && previous.Count == count && AreNext(ref from, previous)) return previous;
        from = begin;
        var pairs = new KeyValuePair<string, string>[from.Length(2)];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = new(Utf8Texts.Shared(from.Bytes().Span, pool), Utf8Texts.Shared(from.Bytes().Span, pool));
        try
        {
            return TextMap.Taking(pairs);
        }
        catch (ArgumentException fault)
        {
            throw new SerializationException(fault.Message, fault);
        }
    }

    private static bool AreNext(ref WireReader from, TextMap pairs)
    {
        foreach (ref readonly var pair in pairs.AsSpan())
            if (!Utf8Texts.Same(from.Bytes().Span, pair.Key) || !Utf8Texts.Same(from.Bytes().Span, pair.Value)) return false;
        return true;
    }

    private static ImmutableArray<string> ReadOwners(ref WireReader from, ImmutableArray<string> previous, StringPool pool)
    {
        var owners = new string[from.Length(1)];
        var same = !previous.IsDefault && previous.Length == owners.Length;
        for (var i = 0; i < owners.Length; i++)
        {
            var uid = from.Bytes().Span;
            owners[i] = same && Utf8Texts.Same(uid, previous[i]) ? previous[i] : Utf8Texts.Shared(uid, pool);
            same = same && ReferenceEquals(owners[i], previous[i]);
        }
        return same ? previous : ImmutableCollectionsMarshal.AsImmutableArray(owners);
    }
}
