namespace ActorCluster.Host;

/// <summary>One process of a cluster, running. Dispose of it to end it.</summary>
public interface IClusterProcess : IAsyncDisposable
{
    /// <summary>Completes when it does its work.</summary>
    Task Serving { get; }

    /// <summary>Hands over in order what it does, before it ends: a worker lets its pods end with their grace.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
