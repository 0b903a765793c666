using System.Runtime.InteropServices;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.Backends;

/// <summary>Rows in revision order to versions. Most writes of an object leave its header as it was, which is then not read again.</summary>
internal sealed class RowDecoder(Func<byte[], ObjectHeader> decode)
{
    private readonly Dictionary<long, (byte[] Bytes, ObjectHeader Header)> _newest = [];

    /// <exception cref="StorageException">The row is damaged.</exception>
    public StoredVersion Decode(in SqliteRow row)
    {
        _newest.Remove(row.PreviousRevision, out var previous);
        if (row.Json is not { } json || row.Header is not { } bytes) return new StoredVersion(row.Revision, row.PreviousRevision, row.Key, null);
        if (previous.Bytes is null || !previous.Bytes.AsSpan().SequenceEqual(bytes)) previous = (bytes, decode(bytes));
        CollectionsMarshal.GetValueRefOrAddDefault(_newest, row.Revision, out _) = previous;
        return new StoredVersion(row.Revision, row.PreviousRevision, row.Key, new StoredObject(row.Key, row.Revision, previous.Header, json));
    }
}
