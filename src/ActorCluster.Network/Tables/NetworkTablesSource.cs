namespace ActorCluster.Network.Tables;

/// <summary>
/// Where code outside the actors (a DNS server in a pod, say) reads the newest tables of its process. One per process, filled by
/// <c>NetworkTablesActor</c>; hand it to programs through their <c>ProcessContext.Services</c>.
/// </summary>
public sealed class NetworkTablesSource
{
    private readonly Lock _lock = new();
    private volatile NetworkTables _current = NetworkTables.Empty;
    private Action<bool>? _follow;
    private int _wanting;

    public NetworkTables Current => _current;

    /// <summary>Whether the tables come from the API: before its first answer they are empty.</summary>
    public bool HasSynced => !ReferenceEquals(_current, NetworkTables.Empty);

    /// <summary>Puts a newer snapshot in place; what the tables' actor does.</summary>
    public void Publish(NetworkTables tables) => _current = tables;

    /// <summary>Asks for tables that know all pods, until the result is disposed; see <see cref="NetworkTables.KnowsPods"/>.</summary>
    public IDisposable WantPods()
    {
        lock (_lock)
            if (++_wanting == 1) _follow?.Invoke(true);
        return new Want(this);
    }

    /// <summary>Who fills the tables is told at once, and later, whether anybody wants pods.</summary>
    internal void OnPodsWanted(Action<bool> follow)
    {
        lock (_lock)
        {
            _follow = follow;
            follow(_wanting > 0);
        }
    }

    private void Unwant()
    {
        lock (_lock)
            if (--_wanting == 0) _follow?.Invoke(false);
    }

    private sealed class Want(NetworkTablesSource source) : IDisposable
    {
        private NetworkTablesSource? _source = source;

        public void Dispose() => Interlocked.Exchange(ref _source, null)?.Unwant();
    }
}
