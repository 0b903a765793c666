namespace ActorCluster.TestKit.Faults;

/// <summary>A fault that goes on until this is disposed of, or its time is over.</summary>
public sealed class FaultHandle : IAsyncDisposable
{
    private readonly ClusterFaults _faults;
    private readonly CancellationTokenSource _removed = new();
    private Task? _removal;

    internal FaultHandle(ClusterFaults faults, string name) => (_faults, Name) = (faults, name);

    /// <summary>What traces and captures call it.</summary>
    public string Name { get; }

    /// <summary>Whether its time is over, or it was disposed of.</summary>
    public bool IsOver => _removal is not null;

    /// <summary>Cancelled when it is over.</summary>
    internal CancellationToken Removed => _removed.Token;

    /// <summary>The fault is gone when this is done. What waited in it goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _faults.EndAsync(this);
        _removed.Dispose();
    }

    /// <summary>Inside the cluster's loop.</summary>
    internal Task EndAsync(Func<Task> remove)
    {
        if (_removal is not null) return _removal;
        _removal = remove();
        _removed.Cancel();
        return _removal;
    }
}
