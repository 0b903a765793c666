using System.Collections.Concurrent;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Controllers.NodeLifecycle;

/// <summary>Which worker processes the cluster's failure detector can't reach, and since when: it knows of a killed process long before the
/// leases of its nodes run out.</summary>
/// <remarks>Fed by <see cref="ControllersActor"/>; safe for concurrent use.</remarks>
internal sealed class ProcessReachability(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _unreachable = new();

    /// <summary>A process was lost or found again.</summary>
    public event Action? Changed;

    public void Note(ProcessReachabilityChanged change)
    {
        if (change.Reachable) _unreachable.TryRemove(change.Address, out _);
        else _unreachable.TryAdd(change.Address, clock.GetUtcNow());
        Changed?.Invoke();
    }

    /// <summary>Since when the process at that address can't be reached; null if it can.</summary>
    public DateTimeOffset? UnreachableSince(string? address) => address is not null && _unreachable.TryGetValue(address, out var since) ? since : null;
}
