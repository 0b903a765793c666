using System.Runtime.Serialization;
using ActorCluster.Contracts.Store;
using ActorCluster.Contracts.Wire;

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

    /// <exception cref="SerializationException">The bytes are damaged.</exception>
    public static ObjectHeader Read(ReadOnlyMemory<byte> bytes)
    {
        var from = new WireReader(bytes);
        var uid = from.Text();
        var deleting = from.Bool();
        var labels = ReadPairs(ref from);
        var fields = ReadPairs(ref from);
        var owners = from.Texts();
        from.End();
        return new ObjectHeader(uid, labels, fields, owners, deleting);
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

    private static TextMap ReadPairs(ref WireReader from)
    {
        var pairs = new KeyValuePair<string, string>[from.Length(2)];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = new(from.Text(), from.Text());
        try
        {
            return TextMap.Of(pairs);
        }
        catch (ArgumentException fault)
        {
            throw new SerializationException(fault.Message, fault);
        }
    }
}
