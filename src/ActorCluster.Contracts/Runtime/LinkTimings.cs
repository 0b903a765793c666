namespace ActorCluster.Contracts.Runtime;

/// <summary>How two processes notice that they lost one another, without DeathWatch (which would quarantine a process that comes back).</summary>
internal static class LinkTimings
{
    /// <summary>Each end lets the other hear of it at least so often.</summary>
    public static readonly TimeSpan Keepalive = TimeSpan.FromSeconds(2);

    /// <summary>A partner that hasn't answered yet is greeted again so often.</summary>
    public static readonly TimeSpan Greeting = TimeSpan.FromMilliseconds(100);

    /// <summary>An end that hasn't been heard of for so long is taken for gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>A request without an answer for so long has failed.</summary>
    public static readonly TimeSpan Answer = TimeSpan.FromSeconds(10);
}
