namespace ActorCluster.Controllers.Reconciling;

/// <summary>
/// What a controller has asked for and its cache does not show yet: until it does, counting the cache would ask for the same again.
/// By ControllerExpectations and UIDTrackingControllerExpectations in pkg/controller/controller_utils.go.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class Expectations(TimeProvider clock)
{
    /// <summary>After that long an expectation that was never met no longer blocks (ExpectationsTimeout).</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Expected> _byOwner = [];
    private readonly Lock _lock = new();

    /// <summary>What is asked for now; it takes the place of what was expected before.</summary>
    /// <param name="deletions">The uids of the objects to be deleted.</param>
    public void Expect(string owner, int creations, IEnumerable<string> deletions)
    {
        lock (_lock) _byOwner[owner] = new Expected(clock.GetUtcNow(), creations, [.. deletions]);
    }

    public void CreationObserved(string owner, int count = 1)
    {
        lock (_lock)
        {
            if (_byOwner.TryGetValue(owner, out var expected)) expected.Creations -= count;
        }
    }

    public void DeletionObserved(string owner, string uid)
    {
        lock (_lock)
        {
            if (_byOwner.TryGetValue(owner, out var expected)) expected.Deletions.Remove(uid);
        }
    }

    /// <summary>Whether the cache shows everything that was asked for (or the wait has been too long). To be asked before the cache is read: what is
    /// read first may lack what is ticked off by the time of asking.</summary>
    public bool Satisfied(string owner)
    {
        lock (_lock)
        {
            return !_byOwner.TryGetValue(owner, out var expected)
                || (expected.Creations <= 0 && expected.Deletions.Count == 0)
                || clock.GetUtcNow() - expected.Since > Timeout;
        }
    }

    public void Forget(string owner)
    {
        lock (_lock) _byOwner.Remove(owner);
    }

    private sealed class Expected(DateTimeOffset since, int creations, HashSet<string> deletions)
    {
        public DateTimeOffset Since { get; } = since;
        public int Creations { get; set; } = creations;
        public HashSet<string> Deletions { get; } = deletions;
    }
}
