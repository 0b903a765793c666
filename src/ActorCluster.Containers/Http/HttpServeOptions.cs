namespace ActorCluster.Containers.Http;

/// <summary>How one listener is served.</summary>
public sealed record HttpServeOptions
{
    public static readonly HttpServeOptions Default = new();

    /// <summary>Connections open at a time; further ones wait in the listener's backlog. Null: no limit (nginx's worker_connections).</summary>
    public int? MaxConnections { get; init; }

    /// <summary>How long a stop waits for requests under way before it resets their connections; null waits for as long as they take.</summary>
    public TimeSpan? DrainTimeout { get; init; }
}
