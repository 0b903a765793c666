using System.Runtime.Serialization;
using System.Text;
using ActorCluster.Api;
using ActorCluster.Contracts.Store;
using ActorCluster.Store.Snapshots;

namespace ActorCluster.Store.Backends;

/// <summary>Rows in revision order to versions. What a version has in common with the one that it replaces isn't made again, and texts that repeat are made once.</summary>
/// <param name="path">The file, for what is said of damaged rows.</param>
internal sealed class RowDecoder(string path)
{
    private readonly StringPool _texts = new();
    private readonly Dictionary<string, ResourceName> _resources = [];

    /// <summary>The newest version of each object so far, by its revision.</summary>
    private readonly Dictionary<long, StoredObject> _newest = [];

    /// <exception cref="StorageException">The row is damaged.</exception>
    public StoredVersion Decode(SqlitePage page, in SqliteRow row)
    {
        _newest.Remove(row.PreviousRevision, out var previous);
        var key = previous?.Key ?? KeyOf(page, row);
        if (row.Json is not { } json) return new StoredVersion(row.Revision, row.PreviousRevision, key, null);
        try
        {
            var stored = new StoredObject(key, row.Revision, HeaderCodec.Read(page.HeaderOf(row), previous?.Header, _texts), json);
            _newest[row.Revision] = stored;
            return new StoredVersion(row.Revision, row.PreviousRevision, key, stored);
        }
        catch (SerializationException fault)
        {
            throw SqliteErrors.Explain(path, fault);
        }
    }

    private ObjectKey KeyOf(SqlitePage page, in SqliteRow row)
    {
        var resource = Utf8Texts.Shared(page.ResourceOf(row), _texts);
        if (!_resources.TryGetValue(resource, out var name)) _resources[resource] = name = ResourceName.Parse(resource);
        return new ObjectKey(name, Utf8Texts.Shared(page.NamespaceOf(row), _texts), Encoding.UTF8.GetString(page.NameOf(row)));
    }
}
