using System.Collections.Immutable;

namespace ActorCluster.Controllers.Jobs;

/// <summary>Pods that were let go, though the cache still shows them as held: they are counted already, and to count them again would be wrong
/// (uidTrackingExpectations in pkg/controller/job/tracking_utils.go).</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class ReleasedPods
{
    private ImmutableHashSet<string> _uids = [];

    /// <summary>Their uids. To be asked for before the cache is read: what is read first may still show a pod as held whose news has come by the time of asking.</summary>
    public ImmutableHashSet<string> Uids => Volatile.Read(ref _uids);

    /// <summary>Before a pod is let go: from now on the news of it may come.</summary>
    public void Add(string uid) => ImmutableInterlocked.Update(ref _uids, static (uids, added) => uids.Add(added), uid);

    /// <summary>The cache shows it, or it wasn't let go after all.</summary>
    public void Remove(string uid) => ImmutableInterlocked.Update(ref _uids, static (uids, removed) => uids.Remove(removed), uid);
}
