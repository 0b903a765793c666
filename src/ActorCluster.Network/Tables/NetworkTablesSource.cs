namespace ActorCluster.Network.Tables;

/// <summary>
/// Where code outside the actors (a DNS server in a pod, say) reads the newest tables of its process. One per process, filled by
/// <c>NetworkTablesActor</c>; hand it to programs through their <c>ProcessContext.Services</c>.
/// </summary>
public sealed class NetworkTablesSource
{
    private volatile NetworkTables _current = NetworkTables.Empty;

    public NetworkTables Current => _current;

    /// <summary>Whether the tables come from the API: before its first answer they are empty.</summary>
    public bool HasSynced => !ReferenceEquals(_current, NetworkTables.Empty);

    /// <summary>Puts a newer snapshot in place; what the tables' actor does.</summary>
    public void Publish(NetworkTables tables) => _current = tables;
}
