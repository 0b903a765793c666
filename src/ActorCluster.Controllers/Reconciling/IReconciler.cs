namespace ActorCluster.Controllers.Reconciling;

/// <summary>One controller: brings the object (or the matter) behind a key to what is wanted. Run by <see cref="ReconcilerActor"/>,
/// which never runs one key twice at a time.</summary>
internal interface IReconciler
{
    /// <summary>For logs and for the actor's name, in upstream's words: "replicaset-controller".</summary>
    string Name { get; }

    /// <summary>How many keys may be worked on at a time.</summary>
    int Parallelism => 5;

    /// <summary>How long a key waits after its first failure, and at most.</summary>
    (TimeSpan First, TimeSpan Longest) Retries => UsualRetries;

    /// <summary>DefaultTypedControllerRateLimiter in k8s.io/client-go/util/workqueue.</summary>
    static (TimeSpan First, TimeSpan Longest) UsualRetries => (TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000));

    /// <summary>Subscribes to what the controller watches, before the informers start. Called once.</summary>
    void Attach(IReconcileQueue queue);

    /// <summary>Does what is to be done now. An exception means: again, after a backoff.</summary>
    Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken);
}

/// <summary>Where watch handlers put keys. Safe to call from any thread.</summary>
internal interface IReconcileQueue
{
    void Add(string key);
    void AddAfter(string key, TimeSpan delay);
}

/// <param name="RequeueAfter">Look at this key again after that time, whatever happens in between; null: only when something changes.</param>
internal readonly record struct ReconcileResult(TimeSpan? RequeueAfter = null)
{
    public static ReconcileResult Done => default;

    public static ReconcileResult After(TimeSpan delay) => new(delay);

    /// <summary>The earlier of two times to look again; null is never.</summary>
    public static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
